//! The end of `--help`: examples, and the faults that can be asked for.

/// For `-h`.
pub(crate) const SHORT: &str = "--help has examples, and lists the faults that can be asked for.";

/// For `--help`.
pub(crate) const LONG: &str = r#"Examples:
  Serve the app in this folder, and run its function with the Heroku CLI or with curl:

    heroku-emulator
    export HEROKU_HOST=http://127.0.0.1:8081 HEROKU_API_KEY=HRKU-...
    heroku run:detached --tail --app my-app serverless
    curl $HEROKU_HOST/apps/my-app/dynos -H "Accept: application/vnd.heroku+json; version=3" \
      -H "Authorization: Bearer $HEROKU_API_KEY" -d '{"command": "serverless"}'

  Two apps, and a page that was built before:

    heroku-emulator --app shop=./shop --app blog=./blog --page dist

  Each call of the API takes half a second more, and every stream breaks off after 4,096 bytes:

    heroku-emulator --fault '{"path": "/**", "delay_ms": 500}' --fault '{"stream": {"cut": {"after_bytes": 4096}}}'

Faults on demand:
  Rules say which requests go wrong, and how. They come by --fault, or while the emulator runs: POST /emulator/faults adds
  one or an array of them, GET lists them with how often each was used, DELETE removes all; with the key. This one
  answers the next two requests for a dyno with a 503:

    curl http://127.0.0.1:8081/emulator/faults -H "Authorization: Bearer $HEROKU_API_KEY" \
      -d '{"method": "POST", "path": "/apps/*/dynos", "times": 2,
           "answer": {"status": 503, "headers": {"Retry-After": "1"}, "body": {"message": "Try later."}}}'

  Which requests: a "path" (* is one segment, /** at the end any that follow; /stream is that of log streams) and, if
  wanted, a "method", how many "times" the rule applies, and how many requests to "skip" before. The first rule that
  applies decides. How they go wrong is one of:

    "answer": {"status": 503, "headers": {...}, "body": ...}    that answer, and the request has no effect
    "reset": "before" or "after"      no answer, before or after the request took effect
    "logplex_url": null or a text     the new log session has no or another address
    "session": {"unused_ms": N, "used_ms": N, "expired_status": 403, "open_streams": "end"}
                                      the new log session expires like this ("stay", "end", "cut" or "silence")
    "stream": {...}                   the stream has faults; the path may be left out here and for "session"

  and with it or alone:

    "delay_ms": N                     the request takes effect so much later
    "headers": {"Content-Type": "text/html", "Access-Control-Allow-Origin": null}
                                      the answer has or has not these headers

  A "stream" has any of:

    "cut": {"after_bytes": N, "after_lines": N, "after_ms": N, "clean": false}
                                      it breaks off at what comes first, without all at once; or it ends ("clean": true)
    "silence": {"after_lines": N, "heartbeats": true}     nothing more comes but heartbeats, or not even these
    "heartbeat_ms": N or null         heartbeats come so often, or never
    "lose": {"after_lines": N, "lines": N}     lines are missing, and an L11 line tells how many
    "omit": ["Process exited"]        lines that contain one of these texts are missing
    "late": ["Process exited"]        lines that contain one of these texts come behind the next line
    "duplicate": N, "reverse": N      every Nth line comes twice; each N lines come in reverse order
    "chunk_bytes": [1, 7, 100], "chunk_pause_ms": N     pieces of these sizes, again and again, one at a time
    "format": "plain" or "events", "event_ids": false     the form, whatever the client accepts
    "queue_lines": N                  lines that may wait for the client; more are lost, as with "lose"
    "flood": {"lines": N, "per_second": N, "bytes": N}     lines are added to the log as if the dyno printed them

  Streams that are open get any of that by POST /emulator/streams, {"cut": {}} for instance; GET tells how many they are."#;
