#include "host/plugin.h"

#include "host/text.h"

#include <dlfcn.h>

namespace bud::worker {

void Plugin::Unload::operator()(void* object) const {
  dlclose(object);
}

Result<Plugin> Plugin::load(const std::string& path) {
  Plugin plugin;
  plugin.object_.reset(dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!plugin.object_) return fail(Errc::not_found, "The bridge cannot be loaded: " + printable(dlerror()));
  const auto* entry = static_cast<const bud_entry*>(dlsym(plugin.object_.get(), "bud_bridge_entry"));
  if (entry == nullptr) return fail(Errc::malformed, path + " is no bridge: it exports no bud_bridge_entry");
  if (entry->abi_major != BUD_ABI_MAJOR)
    return fail(Errc::unsupported, path + " was built for version " + std::to_string(entry->abi_major) +
                                       " of the bridge ABI, and this program speaks version " +
                                       std::to_string(BUD_ABI_MAJOR));
  if (!BUD_HAS(entry, get_factory) || entry->init == nullptr || entry->deinit == nullptr ||
      entry->get_factory == nullptr)
    return fail(Errc::malformed, path + " has an incomplete bud_bridge_entry");
  if (!entry->init(path.c_str())) return fail(Errc::unsupported, path + " refuses to start");
  plugin.entry_.reset(entry);
  return plugin;
}

Result<Plugin::Bridge> Plugin::create(const bud_host* host) const {
  const auto* factory = static_cast<const bud_bridge_factory*>(entry_->get_factory(BUD_BRIDGE_FACTORY));
  if (factory == nullptr || !BUD_HAS(factory, create) || factory->count() == 0)
    return fail(Errc::malformed, "The shared object offers no bridge");
  const bud_bridge_descriptor* descriptor = factory->descriptor(0);
  if (descriptor == nullptr || !BUD_HAS(descriptor, id) || descriptor->id == nullptr)
    return fail(Errc::malformed, "The shared object does not say what bridge it offers");
  const bud_bridge* bridge = factory->create(host, descriptor->id);
  if (bridge == nullptr || !BUD_HAS(bridge, destroy) || bridge->get_extension == nullptr || bridge->start == nullptr ||
      bridge->on_wake == nullptr || bridge->destroy == nullptr)
    return fail(Errc::malformed, "The shared object makes no whole bridge");
  return Bridge(bridge);
}

}  // namespace bud::worker
