#include "service/lookups.h"

namespace bud::service {
namespace {

constexpr Duration patience = seconds(20);
constexpr std::size_t max_waiting = 64;

}  // namespace

Result<> Lookups::ask(const std::string& bridge, const std::string& address, Done done) {
  BUD_TRY(bridging::Bridges* const bridges, core_.bridges());
  if (waiting_.size() >= max_waiting) return fail(Errc::busy, "too many look-ups wait for an answer: try again later");
  const std::uint64_t id = next_++;
  BUD_TRY(bus::Source limit, event_.after(patience, [this, id] { finish(id, Outcome::failed); }));
  waiting_.emplace(id, Waiting{std::move(done), std::move(limit)});
  bridges->lookup(bridge, address,
                  [this, id](bool complete) { finish(id, complete ? Outcome::complete : Outcome::failed); });
  return {};
}

void Lookups::finish(std::uint64_t id, Result<Outcome> outcome) {
  const auto found = waiting_.extract(id);
  if (!found.empty()) found.mapped().done(std::move(outcome));
}

void Lookups::drop_all() {
  for (const auto& [id, waiting] : std::exchange(waiting_, {})) {
    waiting.done(fail(Errc::locked, "the vault was locked meanwhile"));
  }
}

}  // namespace bud::service
