// What must hold in every run, at every step: the invariants of the design, asked of what can be seen from outside.
#pragma once

#include "core/engine.h"
#include "sim/post.h"
#include "wire/header.h"

#include <deque>
#include <unordered_map>

namespace bud::sim {

class Device;
class World;

// A text that somebody has typed. Its words are found by nobody who is not meant to.
struct Said {
  std::string text;
  std::size_t by = 0;  // the device's index
  AccountId author, contact;
  std::uint64_t order = 0;
  MessageId id;             // zero until send() has returned it
  MessageId shown_as;       // and where it was shown first
  std::set<DeviceId> must;  // devices that are to show it, by the sender's view
  bool knew_nobody = false; // of the contact, as it was typed
  bool withdrawn = false;   // lost with the sender's store, before all was done
};

inline constexpr std::string_view mark = "sim-text ";  // each text begins so

class Oracle {
 public:
  explicit Oracle(World& world) : world_(world) {}

  // --- told by the world as it happens ---
  Said& typed(Device& by, const AccountId& contact);
  void sent(Said& said, Device& by, const MessageId& id);
  void pushes(Device& device, const core::OutboxItem& item);
  void delivered(Device& device, std::span<const Bytes> copies);
  void shows(Device& device, const core::Event& event);
  void was_served(Device& device, const std::string& bridge, const std::string& address, const Post::Served& served);
  void looks_at_views(Device& device);
  void was_restored(Device& device);
  void added(Device& sponsor, const DeviceId& device) { sponsors_[device].insert(&sponsor); }

  // --- asked at the end ---
  // What is still to come, in words; empty where everybody has everything.
  std::string outstanding();
  // Threads in the same order on all devices.
  void compare_threads();
  // No text and no name in any store's files.
  void search_disks();

  std::uint64_t copies() const { return copies_; }
  std::uint64_t texts() const { return said_.size(); }
  std::uint64_t shown() const { return shown_; }
  std::deque<Said>& said() { return said_; }

 private:
  // The devices of both accounts, by the view of this one.
  std::set<DeviceId> listed(Device& by, const Said& said);
  std::set<DeviceId> listed(Device& by, const AccountId& account);
  std::string copy_state(const Said& said, Device& sender, const DeviceId& to);
  void was_served_another(Device& device, const std::string& address, const Post::Served& served);
  std::string reaches_nobody(const Said& said, Device& sender);
  bool offers_to(Device& device, const DeviceId& joiner);
  bool exempt(const Said& said, Device& sender, Device& receiver);
  bool has_no_way(const Said& said, Device& sender, Device& receiver);
  Device* find(const DeviceId& id);

  World& world_;
  std::deque<Said> said_;
  std::map<std::string, Said*, std::less<>> by_text_;
  std::map<DeviceId, std::set<Device*>> sponsors_;
  std::map<std::pair<std::size_t, std::uint64_t>, std::unordered_map<std::string, EnvelopeHash>> keys_;  // by device and epoch
  std::vector<std::set<EnvelopeHash>> taken_;  // by device
  std::map<std::pair<std::string, Bytes>, std::optional<AccountId>> claimants_;  // by address and record, once verified
  std::uint64_t copies_ = 0, shown_ = 0;
};

}  // namespace bud::sim
