// The shared object that fuzz_bridge_worker loads as a bridge: it decides nothing, and hands each call of the ABI on to
// the target.
#pragma once

#include <budstikke/bridge.h>

struct FuzzPluginCalls {
  void (*start)(const bud_host* host, uint64_t op, const char* json);
  void (*publish)(const bud_host* host, uint64_t op, const char* address, const char* device, bud_bytes record);
  void (*lookup)(const bud_host* host, uint64_t op, const char* address);
  void (*push)(const bud_host* host, uint64_t op, const bud_copy* const* copies, uint32_t count);
  void (*ack)(const bud_host* host, bud_bytes cursor);
  void (*put)(const bud_host* host, uint64_t op, const char* name, int source, uint64_t total);
  void (*get)(const bud_host* host, uint64_t op, const char* location, int target, uint64_t offset, uint64_t limit);
};

// What the target looks up in it, to set what the calls come to.
constexpr const char* fuzz_plugin_calls_name = "bud_fuzz_plugin_calls";
