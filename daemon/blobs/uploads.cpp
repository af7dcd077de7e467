#include "blobs/uploads.h"

namespace bud::blobs {
namespace {

constexpr unsigned most_standing = 8;  // answers without a byte more, before one waits

}  // namespace

Uploads::Line& Uploads::line(const std::string& bridge) {
  return lines_.try_emplace(bridge, random_).first->second;
}

void Uploads::kick(const std::string& bridge) {
  const Line& at = line(bridge);
  if (!at.in_flight && !at.timer) next(bridge);
}

void Uploads::retry_now(const std::string& bridge) {
  Line& at = line(bridge);
  at.timer.reset();
  at.backoff.reset();
  kick(bridge);
}

void Uploads::next(const std::string& bridge) {
  const auto waiting = engine_.uploads(bridge);
  if (!waiting) {
    log_("files that are to be sent cannot be found: " + waiting.error().text);
    return wait(bridge, {});
  }
  if (waiting->empty()) return;
  const core::Upload upload = waiting->front();
  const Result<UniqueFd> source = staging_.open_sent(upload.staged);
  if (!source && source.error().code == Errc::not_found) {
    // Somebody has emptied the folder.
    const Result<> refused = engine_.upload_refused(bridge, upload.staged, "its bytes are gone from the state folder");
    return wait(bridge, refused ? Duration{} : seconds(10));
  }
  if (!source) {
    log_("a file that is to be sent cannot be read: " + source.error().text);
    return wait(bridge, {});
  }
  line(bridge).in_flight = true;
  bridges_.put_blob(bridge, {upload.staged, source->get(), upload.total},
                    [this, bridge, upload](const bridging::Answer& answer, const bridging::BlobPutState& state) {
                      answered(bridge, upload, answer, state);
                    });
}

void Uploads::answered(const std::string& bridge, const core::Upload& upload, const bridging::Answer& answer,
                       const bridging::BlobPutState& state) {
  Line& at = line(bridge);
  at.in_flight = false;
  if (const Result<> acted = act(bridge, upload, answer, state); !acted) {
    log_("what became of a file cannot be stored: " + acted.error().text);
    return wait(bridge, {});
  }
  if (answer.status != BUD_OK && answer.status != BUD_TOO_LARGE && answer.status != BUD_INVALID) {
    log_("a file was not taken by bridge " + bridge + ", which is asked again: " + answer.words);
    return wait(bridge, answer.retry_after);
  }
  at.standing = state.done > at.done || !state.location.empty() ? 0 : at.standing + 1;
  at.done = state.location.empty() ? state.done : 0;
  if (at.standing > most_standing) return wait(bridge, {});
  at.backoff.reset();
  next(bridge);
}

Result<> Uploads::act(const std::string& bridge, const core::Upload& upload, const bridging::Answer& answer,
                      const bridging::BlobPutState& state) {
  if (answer.status == BUD_TOO_LARGE || answer.status == BUD_INVALID)
    return engine_.upload_refused(bridge, upload.staged, answer.words);
  if (answer.status != BUD_OK) return {};
  moved_(upload.message, state.done, upload.total);
  return state.location.empty() ? Result<>{} : engine_.uploaded(bridge, upload.staged, state.location);
}

void Uploads::wait(const std::string& bridge, Duration at_least) {
  Line& at = line(bridge);
  at.standing = 0;
  at.timer = timers_.after(at.backoff.next(at_least), [this, bridge] {
    const bridging::Timer fired = std::move(line(bridge).timer);
    if (!line(bridge).in_flight) next(bridge);
  });
}

}  // namespace bud::blobs
