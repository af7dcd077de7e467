#include "sim/traffic.h"

#include "core/db.h"
#include "core/rows.h"
#include "sim/world.h"

namespace bud::sim {
namespace {

// Well below the thirty days that the keys of copies to come are kept for, since clocks jump by days.
constexpr Duration late_at_most = days(20);
// A device keeps forty sessions with another, and gives up the others.
constexpr std::size_t sessions_kept = 40;

std::size_t sessions_with(Device& device, const Device& other) {
  std::size_t n = 0;
  (void)device.disk.observe([&](Disk& disk) {
    return disk.scan(core::Table::sessions, {core::key::device(other.account, other.id), {}, false, SIZE_MAX},
                     [&](std::uint64_t, const auto&) { return ++n < sessions_kept; });
  });
  return n;
}

}  // namespace

void Traffic::pushes(Device& device, const core::OutboxItem& item) {
  const auto copy = wire::decode_copy(item.envelope);
  if (!copy) return;  // the oracle says so
  const EnvelopeHash hash = wire::envelope_hash(item.envelope);
  if (device.disk.in_transaction()) return world_.violated(device, "pushes a copy before its session is on the disk");
  // Numbers follow the clock, for stores that are put back: one that was given twice although the clock had passed it.
  const auto [number, first] = numbers_.try_emplace({device.index, item.id}, hash);
  if (!first && number->second != hash && item.created.ms > item.id)
    return world_.violated(device, "has given one number to two copies");
  number->second = hash;

  const Device* to = world_.recipient_of(*copy);
  if (to == nullptr) return;
  const SessionId& session = copy->header.session;
  sealed_.try_emplace(hash, Sealed{session, to->index, world_.now});
  if (talks_.contains(session)) return;
  Talk talk{{device.index, to->index}, {device.restored, to->restored}, false, {device.index}};
  talk.joining = device.account == AccountId{} || to->account == AccountId{};
  talks_.emplace(session, std::move(talk));
}

void Traffic::answered(Device& device, const std::string& bridge, std::uint64_t item, core::PushStatus status) {
  if (status == core::PushStatus::ok) taken_.insert({device.index, bridge, item});
}

void Traffic::reports(Device& device, const std::string& bridge, std::span<const core::PushResult> results) {
  for (const core::PushResult& result : results)
    if (result.status == core::PushStatus::ok && !taken_.contains({device.index, bridge, result.id}))
      return world_.violated(device, "takes a copy for pushed that no server has said yes to");
}

const Device& Traffic::other_end(const Talk& talk, const Device& device) const {
  return *world_.devices[talk.ends[0] == device.index ? talk.ends[1] : talk.ends[0]];
}

bool Traffic::must_open(Device& device, const Sealed& sealed, const Talk& talk) const {
  if (talk.joining || !talk.known.contains(device.index) || elapsed(sealed.since, world_.now) >= late_at_most) return false;
  for (std::size_t end = 0; end < 2; ++end)
    if (world_.devices[talk.ends[end]]->restored != talk.restored[end]) return false;
  return sessions_with(device, other_end(talk, device)) < sessions_kept;
}

// Between two devices that were never put back, each copy opens that arrives whole, however late and in whatever order.
// (A copy that does not is sealed anew, so that nobody would miss it in the end.)
void Traffic::delivered(Device& device, std::span<const Bytes> copies) {
  std::set<SessionId> opened;
  for (const Bytes& copy : copies) {
    const auto sealed = sealed_.find(wire::envelope_hash(copy));
    if (sealed == sealed_.end() || sealed->second.to != device.index) continue;
    const auto seen = device.disk.observe([&](Disk& disk) {
      return core::load<core::SeenRow>(disk, core::Table::seen, core::key::envelope(sealed->first));
    });
    if (!seen) return;  // its process has died meanwhile
    const Talk& talk = talks_.at(sealed->second.session);
    if (*seen) {
      // Of one that it does not list it keeps no session.
      const Device& from = other_end(talk, device);
      if (device.memory.active[from.account].contains(from.id)) opened.insert(sealed->second.session);
    } else if (must_open(device, sealed->second, talk)) {
      return world_.violated(device, "does not open a copy of a session that it knows");
    }
  }
  for (const SessionId& session : opened) talks_.at(session).known.insert(device.index);
}

void Traffic::acknowledges(Device& device, const std::string& bridge, ByteView cursor) {
  const auto stored = device.see([&](auto& e) { return e.cursor(bridge); });
  if (!device.running()) return;  // and has told nobody anything
  const bool there = stored && std::equal(stored->begin(), stored->end(), cursor.begin(), cursor.end());
  if (!there || device.disk.in_transaction()) world_.violated(device, "acknowledges a delivery by " + bridge + " that is not on its disk");
}

}  // namespace bud::sim
