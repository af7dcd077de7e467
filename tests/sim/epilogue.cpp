#include "sim/epilogue.h"

#include "sim/world.h"

namespace bud::sim {
namespace {

constexpr Duration nobody_complains = days(2);  // so that the first complaint is made at once
constexpr Duration a_moment = minutes(2);
constexpr Duration soon = hours(1);             // and long before anything is pushed again

bool lists(Device& by, const Device& device) { return by.memory.active[device.account].contains(device.id); }

std::vector<std::pair<Device*, Device*>> pairs_of(World& world) {
  std::vector<std::pair<Device*, Device*>> pairs;
  for (auto& a : world.devices)
    for (auto& b : world.devices) {
      const bool run = a->running() && b->running() && !a->gone && !b->gone;
      if (run && a->account != b->account && a->account != AccountId{} && b->account != AccountId{} && lists(*a, *a) &&
          lists(*b, *b) && lists(*a, *b) && lists(*b, *a))
        pairs.emplace_back(a.get(), b.get());
    }
  return pairs;
}

// Nothing where it cannot write there.
const Said* say(World& world, Device& from, const Device& to) {
  const AccountId contact = to.account;
  const auto thread = from.call(Call::open_thread, [&](auto& e) { return e.open_thread(contact); });
  if (!thread) return nullptr;
  Said& said = world.oracle.typed(from, contact);
  const auto id = from.call(Call::send, [&](auto& e) { return e.send(*thread, said.text, said.text); });
  if (!id) return nullptr;
  world.oracle.sent(said, from, *id);
  world.note(from.name + " says " + said.text);
  world.run_for(a_moment);
  return &said;
}

}  // namespace

void put_one_back(World& world) {
  world.run_for(nobody_complains);
  const auto pairs = pairs_of(world);
  if (world.failed() || pairs.empty()) return;
  const auto [reader, writer] = world.dice.pick(pairs);
  // The record of who is complained to must be a fresh one: it is looked up with the first text in a day.
  const Said *there = say(world, *reader, *writer), *back = say(world, *writer, *reader);
  if (there == nullptr || back == nullptr || world.failed()) return;
  reader->read_inbox();
  // Else they may be about to change sessions: by a route, say, that has gone since it was told of.
  if (!writer->memory.shown.contains(there->id) || !reader->memory.shown.contains(back->id)) return;
  const Device::Saved saved = reader->save();
  if (say(world, *reader, *writer) == nullptr || say(world, *writer, *reader) == nullptr || world.failed()) return;
  reader->restore(saved);
  world.note(reader->name + ": its store is put back, at the end");
  const Said* said = say(world, *writer, *reader);
  if (said == nullptr || world.failed()) return;
  world.run_for(soon);
  if (!world.failed() && !reader->memory.shown.contains(said->id))
    world.violated(*reader, "was put back to an older store, and an hour later is not shown " + said->text);
}

}  // namespace bud::sim
