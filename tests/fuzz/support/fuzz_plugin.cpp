#include "fuzz/support/fuzz_plugin.h"

#include <cstring>

#define BUD_SHOWN __attribute__((visibility("default")))

extern "C" BUD_SHOWN FuzzPluginCalls bud_fuzz_plugin_calls;
FuzzPluginCalls bud_fuzz_plugin_calls{};

namespace {

const bud_host* host_of(const bud_bridge* b) {
  return static_cast<const bud_host*>(b->data);
}

const bud_bridge_descriptor descriptor = {sizeof descriptor, "fuzz", "Fuzz", "1", "Hands on"};
const bud_directory directory = {
    sizeof directory,
    [](const bud_bridge* b, uint64_t op, uint64_t, const char* address, const char* device, bud_bytes record) {
      bud_fuzz_plugin_calls.publish(host_of(b), op, address, device, record);
    },
    [](const bud_bridge* b, uint64_t op, uint64_t, const char* address) {
      bud_fuzz_plugin_calls.lookup(host_of(b), op, address);
    }};
const bud_push push = {sizeof push,
                       [](const bud_bridge* b, uint64_t op, uint64_t, const bud_copy* const* copies, uint32_t count) {
                         bud_fuzz_plugin_calls.push(host_of(b), op, copies, count);
                       },
                       [](const bud_bridge* b, bud_bytes cursor) { bud_fuzz_plugin_calls.ack(host_of(b), cursor); }};

const bud_blob blob = {sizeof blob,
                       [](const bud_bridge* b, uint64_t op, uint64_t, const char* name, int source, uint64_t total) {
                         bud_fuzz_plugin_calls.put(host_of(b), op, name, source, total);
                       },
                       [](const bud_bridge* b, uint64_t op, uint64_t, const char* location, int target, uint64_t offset,
                          uint64_t limit) {
                         bud_fuzz_plugin_calls.get(host_of(b), op, location, target, offset, limit);
                       }};

const void* get_extension(const bud_bridge*, const char* name) {
  if (std::strcmp(name, BUD_DIRECTORY) == 0) return &directory;
  if (std::strcmp(name, BUD_BLOB) == 0) return &blob;
  return std::strcmp(name, BUD_PUSH) == 0 ? &push : nullptr;
}

const bud_bridge* create(const bud_host* host, const char*) {
  auto* b = new bud_bridge{};
  b->size = sizeof *b;
  b->descriptor = &descriptor;
  b->data = const_cast<bud_host*>(host);
  b->get_extension = get_extension;
  b->start = [](const bud_bridge* self, uint64_t op, uint64_t, const char* json) {
    bud_fuzz_plugin_calls.start(host_of(self), op, json);
  };
  b->on_wake = [](const bud_bridge*) {};
  b->destroy = [](const bud_bridge* self) { delete self; };
  return b;
}

const bud_bridge_factory factory = {sizeof factory, [] { return uint32_t{1}; }, [](uint32_t) { return &descriptor; },
                                    create};

}  // namespace

extern "C" BUD_SHOWN const bud_entry bud_bridge_entry = {BUD_ABI_MAJOR,
                                                         BUD_ABI_MINOR,
                                                         sizeof bud_bridge_entry,
                                                         [](const char*) { return true; },
                                                         [] {},
                                                         [](const char*) -> const void* { return &factory; }};
