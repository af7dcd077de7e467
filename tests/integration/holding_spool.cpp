// The spool bridge, but for its ack: while a file "hold" lies beside this shared object, an ack makes a file "held"
// there and does not return. So a test can stop the world between a delivery and its acknowledgement. While a file
// "no-blobs" lies there, it is a bridge that keeps none.
#include <budstikke/bridge.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>

namespace {

std::filesystem::path folder;
const bud_entry* real_entry = nullptr;
const bud_push* real_push = nullptr;

void ack(const bud_bridge* bridge, bud_bytes cursor) {
  if (!std::filesystem::exists(folder / "hold")) return real_push->ack(bridge, cursor);
  ::close(::open((folder / "held").c_str(), O_CREAT | O_WRONLY, 0600));
  while (true) ::pause();
}

bud_push push{};
const void* (*real_extension)(const bud_bridge*, const char*) = nullptr;

const void* get_extension(const bud_bridge* bridge, const char* name) {
  if (name == std::string_view(BUD_BLOB) && std::filesystem::exists(folder / "no-blobs")) return nullptr;
  const void* found = real_extension(bridge, name);
  if (found == nullptr || name != std::string_view(BUD_PUSH)) return found;
  real_push = static_cast<const bud_push*>(found);
  push = *real_push;
  push.ack = ack;
  return &push;
}

const bud_bridge_factory* real_factory() {
  return static_cast<const bud_bridge_factory*>(real_entry->get_factory(BUD_BRIDGE_FACTORY));
}

const bud_bridge* create(const bud_host* host, const char* id) {
  auto* bridge = const_cast<bud_bridge*>(real_factory()->create(host, id));  // made with new, by this test's spool
  if (bridge == nullptr) return nullptr;
  real_extension = bridge->get_extension;
  bridge->get_extension = get_extension;
  return bridge;
}

bud_bridge_factory factory{};

bool init(const char* path) {
  folder = std::filesystem::path(path).parent_path();
  void* library = ::dlopen(BUD_REAL_SPOOL, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return false;
  real_entry = static_cast<const bud_entry*>(::dlsym(library, "bud_bridge_entry"));
  return real_entry != nullptr && real_entry->init(BUD_REAL_SPOOL);
}

const void* get_factory(const char* name) {
  if (name != std::string_view(BUD_BRIDGE_FACTORY)) return nullptr;
  factory = *real_factory();
  factory.create = create;
  return &factory;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const bud_entry bud_bridge_entry = {
    BUD_ABI_MAJOR, BUD_ABI_MINOR, sizeof bud_bridge_entry, init, [] { real_entry->deinit(); }, get_factory};
