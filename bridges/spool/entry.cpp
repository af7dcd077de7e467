// The C boundary: what the shared object exports.
#include "spool/bridge.h"

#include <string_view>

namespace {

using spool::Bridge;

Bridge& of(const bud_bridge* bridge) {
  return *static_cast<Bridge*>(bridge->data);
}

const bud_bridge_descriptor descriptor = {
    sizeof descriptor, "spool", "Spool folder", "1",
    "A folder that all devices can reach: a local disk, a network share, a synchronised folder"};

const bud_directory directory = {
    sizeof directory,
    [](const bud_bridge* bridge, uint64_t op, uint64_t, const char* address, const char* device, bud_bytes record) {
      of(bridge).publish(op, address, device, record);
    },
    [](const bud_bridge* bridge, uint64_t op, uint64_t, const char* address) { of(bridge).lookup(op, address); }};

const bud_push push = {sizeof push,
                       [](const bud_bridge* bridge, uint64_t op, uint64_t, const bud_copy* const* copies,
                          uint32_t count) { of(bridge).push(op, copies, count); },
                       [](const bud_bridge* bridge, bud_bytes cursor) { of(bridge).ack(cursor); }};

const bud_blob blob = {sizeof blob,
                       [](const bud_bridge* bridge, uint64_t op, uint64_t, const char* name, int source,
                          uint64_t total) { of(bridge).put_blob(op, name, source, total); },
                       [](const bud_bridge* bridge, uint64_t op, uint64_t, const char* location, int target,
                          uint64_t offset, uint64_t limit) { of(bridge).get_blob(op, location, target, offset, limit); }};

const void* get_extension(const bud_bridge*, const char* name) {
  if (name == std::string_view(BUD_DIRECTORY)) return &directory;
  if (name == std::string_view(BUD_PUSH)) return &push;
  if (name == std::string_view(BUD_BLOB)) return &blob;
  return nullptr;
}

const bud_bridge* create(const bud_host* host, const char* id) {
  if (id != std::string_view(descriptor.id)) return nullptr;
  auto* bridge = new bud_bridge{};
  bridge->size = sizeof *bridge;
  bridge->descriptor = &descriptor;
  bridge->data = new Bridge(host);
  bridge->get_extension = get_extension;
  bridge->start = [](const bud_bridge* b, uint64_t op, uint64_t, const char* json) { of(b).start(op, json); };
  bridge->on_wake = [](const bud_bridge*) {};  // there is no thread that would ask for it
  bridge->destroy = [](const bud_bridge* b) {
    delete &of(b);
    delete b;
  };
  return bridge;
}

const bud_bridge_factory factory = {sizeof factory, [] { return uint32_t{1}; },
                                    [](uint32_t index) { return index == 0 ? &descriptor : nullptr; }, create};

}  // namespace

const bud_entry bud_bridge_entry = {
    BUD_ABI_MAJOR,
    BUD_ABI_MINOR,
    sizeof bud_bridge_entry,
    [](const char*) { return true; },
    [] {},
    [](const char* name) -> const void* { return name == std::string_view(BUD_BRIDGE_FACTORY) ? &factory : nullptr; }};
