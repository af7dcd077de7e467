// What people do, and what befalls them: the steps of a plan.
#pragma once

#include "sim/device.h"

namespace bud::sim {

struct Said;
class World;

enum class Act : std::uint8_t {
  everyone,      // a moment passes, and all devices do what falls due in it
  one,           // one device does what is due
  say,           // somebody writes to somebody
  pass_time,     // seconds, hours, a day
  fault,         // a disk is about to fail, or a process to die
  kill,          // a process dies now
  power,         // a device is switched off, or on
  snapshot,      // somebody makes a copy of a store
  restore,       // and puts one back
  clock,         // a clock jumps, or drifts from now on
  weather,       // a transport turns worse, or better
  cut,           // a device loses its way to a transport, or finds it again
  forget,        // a transport loses a mailbox
  lie,           // a directory begins to lie, or stops
  link,          // somebody adds a device
  revoke,        // and removes one
  lose,          // a device is lost for good
  arrive,        // somebody new makes an account
  bridge,        // a bridge is added, or dropped
  ghost,         // somebody whom nobody vouches for writes
  acknowledge,   // a client says how far it has read
  worker,        // a bridge's worker crashes
  reset,         // somebody has lost all devices, and begins anew
};
inline constexpr std::size_t act_count = 23;
const char* name(Act act);
Act draw_act(Dice& dice);

class People {
 public:
  explicit People(World& world) : world_(world) {}

  void act(Act act);
  // What they wait for goes on: a join, a text whose sending failed.
  void go_on();
  // No one begins anything any more; what was begun is brought to its end, or given up.
  bool waiting() const { return !unsent_.empty() || !links_.empty(); }
  // Makes an account, on a device of its own. False: not yet; try again.
  bool arrive(Device& device);
  void begin_link(Device& sponsor);
  void give_up_links();
  void forget_unsent_of(std::size_t device);

 private:
  struct Link {
    Device* sponsor;
    Device* joiner;
    int phase = 0, patience = 60, tries = 3;
    std::string second_code;
    Device* other = nullptr;  // of the account, which lets devices in at the same time
  };
  struct Unsent {
    Said* said;
    ThreadId thread;
  };

  Device* any(bool member);
  std::vector<Device*> members_of(const AccountId& account);
  bool linking(const Device& device) const;
  void maybe_arm(Device& device, unsigned percent = 20);
  // A fault at one of the next operations, or commits.
  Fault arm(Device& device, std::size_t most_operations, std::size_t most_commits);
  void say();
  void fault();
  void restore();
  void revoke();
  void lose();
  void reset();
  void lie();
  void bridge();
  void ghost();
  void acknowledge();
  bool advance(Link& link);  // true: over
  void close_windows(const Link& link);
  bool approve(Link& link, Device& by, const std::string& code);
  std::optional<ThreadId> thread_with(Device& device, const AccountId& contact);
  bool try_to_send(const Unsent& unsent);

  World& world_;
  std::vector<Link> links_;
  std::vector<Unsent> unsent_;
  std::vector<Device*> arriving_;
  std::vector<std::pair<Device*, Device::Saved>> saved_;
};

}  // namespace bud::sim
