// A shared object that speaks the bridge ABI.
#pragma once

#include "base/result.h"

#include <budstikke/bridge.h>

#include <memory>
#include <string>

namespace bud::worker {

class Plugin {
 public:
  // Loads and initialises it. Errc::not_found, Errc::unsupported (another ABI), Errc::malformed, with words.
  static Result<Plugin> load(const std::string& path);

  struct DestroyBridge {
    void operator()(const bud_bridge* bridge) const { bridge->destroy(bridge); }
  };
  using Bridge = std::unique_ptr<const bud_bridge, DestroyBridge>;
  // Its first bridge. `host`, and this, must outlive it.
  Result<Bridge> create(const bud_host* host) const;

 private:
  struct Unload {
    void operator()(void* object) const;
  };
  struct Deinit {
    void operator()(const bud_entry* entry) const { entry->deinit(); }
  };
  std::unique_ptr<void, Unload> object_;
  std::unique_ptr<const bud_entry, Deinit> entry_;
};

}  // namespace bud::worker
