// Starts a process for each worker.
#pragma once

#include "bridging/worker.h"
#include "bus/event.h"

namespace bud::bridging {

class ProcessFactory final : public WorkerFactory {
 public:
  // `host_program` is budstikke-bridge-host; `plugin_folder` has a shared object <kind>.so for each kind.
  struct Paths {
    std::string host_program;
    std::string plugin_folder;
  };
  // The event outlives it, and its workers.
  ProcessFactory(bus::Event& event, Paths paths) : event_(event), paths_(std::move(paths)) {}
  [[nodiscard]] Result<> installed(const std::string& kind) override;
  [[nodiscard]] Result<std::unique_ptr<Worker>> start(const std::string& kind, Worker::Listener& listener) override;

 private:
  std::string plugin(const std::string& kind) const { return paths_.plugin_folder + "/" + kind + ".so"; }

  bus::Event& event_;
  Paths paths_;
};

}  // namespace bud::bridging
