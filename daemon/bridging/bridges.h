// All configured bridges. One that fails stops none of the others.
//
// Threads: the loop's. Functions return at once, but for remove() and the destructor, which give a worker up to a
// second to end. From inside the callbacks and the port, kick() and lookup() may be called, add() and remove() may not.
#pragma once

#include "bridging/bridge.h"

namespace bud::bridging {

class Bridges {
 public:
  // Timers, workers, random and port outlive it.
  Bridges(Timers& timers, WorkerFactory& workers, Random& random, core::TransportPort& port, Timing timing = {});
  Bridges(const Bridges&) = delete;
  Bridges& operator=(const Bridges&) = delete;

  // Called from the loop whenever a bridge's status has changed; and with what workers say (levels as in syslog).
  void on_status(std::function<void(const std::string& bridge, const Status& status)> call);
  void on_log(std::function<void(const std::string& bridge, std::uint32_t level, const std::string& text)> call);

  // Starts it from the loop. Errc::conflict: there is one of this name. Errc::unsupported: no such kind is installed.
  // Errc::malformed: a name or kind that is not 1 to 32 of a-z, 0-9 and '-', or a configuration of over 64 KiB.
  [[nodiscard]] Result<> add(const Configuration& configuration);
  // Errc::not_found.
  [[nodiscard]] Result<> remove(const std::string& name);

  // The outbox or the publication of this bridge has changed. An unknown name is ignored.
  void kick(const std::string& name);
  // Looks an address (without prefix) up; `done`, which may be empty, is called once from the loop, after the port was
  // told; not at all where the bridge is removed first. False: it is not known what the directory holds there. An
  // unknown name fails as well.
  void lookup(const std::string& name, const std::string& address, std::function<void(bool complete)> done = {});

  // A slice of a blob (blob_calls.h). An unknown name is answered as a bridge that is not up; where the bridge is removed
  // first there is no answer.
  void put_blob(const std::string& name, const BlobPut& blob, BlobCalls::PutDone done);
  void get_blob(const std::string& name, const BlobGet& blob, BlobCalls::GetDone done);

  struct Description {
    std::string name;
    std::string kind;
    std::string address;  // without prefix; empty until it is known
    Status status;
  };
  std::vector<Description> list() const;

 private:
  Context context_for(const std::string& name);
  void refuse(std::function<void()> call);

  Timers& timers_;
  WorkerFactory& workers_;
  Random& random_;
  core::TransportPort& port_;
  Timing timing_;
  std::function<void(const std::string&, const Status&)> status_changed_;
  std::function<void(const std::string&, std::uint32_t, const std::string&)> log_;
  std::map<std::string, std::unique_ptr<Bridge>> bridges_;
  std::map<std::uint64_t, Timer> refusals_;
  std::uint64_t next_ = 1;
};

}  // namespace bud::bridging
