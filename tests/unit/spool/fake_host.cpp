#include "fake_host.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <fstream>

namespace spool::test {
namespace fs = std::filesystem;

ScratchFolder::ScratchFolder() {
  std::string name = (fs::temp_directory_path() / "bud-spool-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  path = name;
}
ScratchFolder::~ScratchFolder() {
  fs::remove_all(path);
}

namespace {
std::string text(bud_bytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}
bud_bytes bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
}  // namespace

struct Calls {
  static FakeHost& of(const bud_host* host) { return *static_cast<FakeHost*>(host->data); }

  static constexpr bud_host_loop loop = {sizeof(bud_host_loop),
                                         [](const bud_host* h) { return of(h).now_; },
                                         [](const bud_host* h, int fd, uint32_t, bud_io_function f, void* user) {
                                           of(h).watches_[of(h).next_id_] = {fd, f, user};
                                           return of(h).next_id_++;
                                         },
                                         [](const bud_host*, uint64_t, uint32_t) { return true; },
                                         [](const bud_host* h, uint64_t id) { of(h).watches_.erase(id); },
                                         [](const bud_host* h, uint64_t delay, bud_timer_function f, void* user) {
                                           of(h).timers_[of(h).next_id_] = {of(h).now_ + delay, f, user};
                                           return of(h).next_id_++;
                                         },
                                         [](const bud_host* h, uint64_t id) { of(h).timers_.erase(id); },
                                         [](const bud_host*) {}};

  static constexpr bud_host_kv kv = {
      sizeof(bud_host_kv),
      [](const bud_host* h, const char* key, bud_bytes* value) {
        const auto found = of(h).kv.find(key);
        if (found == of(h).kv.end()) return false;
        *value = bytes(found->second);
        return true;
      },
      [](const bud_host* h, const char* key, bud_bytes value, bud_stored_function stored, void* user) {
        const bool fails = of(h).kv_fails;
        if (!fails) of(h).kv[key] = text(value);
        if (stored != nullptr)
          of(h).later_.push_back([=] { stored(user, fails ? bud_status{BUD_RETRY_LATER} : bud_status{BUD_OK}); });
      }};

  static constexpr bud_host_log log = {
      sizeof(bud_host_log), [](const bud_host* h, uint32_t, const char* line) { of(h).log.emplace_back(line); }};
  static constexpr bud_host_state state = {sizeof(bud_host_state),
                                           [](const bud_host* h, bud_status status, const char* words) {
                                             of(h).reports.emplace_back(status, words != nullptr ? words : "");
                                           }};
  static constexpr bud_host_delivery delivery = {
      sizeof(bud_host_delivery), [](const bud_host* h, const bud_bytes* copies, uint32_t count, bud_bytes cursor) {
        Delivered d;
        for (uint32_t i = 0; i < count; ++i) d.copies.push_back(text(copies[i]));
        d.cursor = text(cursor);
        of(h).deliveries.push_back(std::move(d));
      }};
  static constexpr bud_host_directory directory = {
      sizeof(bud_host_directory), [](const bud_host* h, const char* address) { of(h).changed.emplace_back(address); }};

  static const void* extension(const bud_host*, const char* name) {
    const std::map<std::string, const void*> all = {{BUD_HOST_LOOP, &loop},         {BUD_HOST_KV, &kv},
                                                    {BUD_HOST_LOG, &log},           {BUD_HOST_STATE, &state},
                                                    {BUD_HOST_DELIVERY, &delivery}, {BUD_HOST_DIRECTORY, &directory}};
    const auto found = all.find(name);
    return found == all.end() ? nullptr : found->second;
  }
  static void complete(const bud_host* h, uint64_t op, const bud_completion* completion) {
    of(h).take(op, *completion);
  }
};

FakeHost::FakeHost(Stored stored) : kv(std::move(stored)) {
  object_ = dlopen(BUD_SPOOL_PLUGIN, RTLD_NOW | RTLD_LOCAL);
  if (object_ == nullptr) throw std::runtime_error(dlerror());
  entry_ = static_cast<const bud_entry*>(dlsym(object_, "bud_bridge_entry"));
  EXPECT_EQ(entry_->abi_major, BUD_ABI_MAJOR);
  EXPECT_TRUE(entry_->init(BUD_SPOOL_PLUGIN));
  const auto* factory = static_cast<const bud_bridge_factory*>(entry_->get_factory(BUD_BRIDGE_FACTORY));
  EXPECT_EQ(factory->count(), 1u);
  host_ = {sizeof host_, "test", "0", this, Calls::extension, Calls::complete};
  EXPECT_EQ(factory->create(&host_, "other"), nullptr);
  bridge_ = factory->create(&host_, factory->descriptor(0)->id);
  directory_ = static_cast<const bud_directory*>(bridge_->get_extension(bridge_, BUD_DIRECTORY));
  push_ = static_cast<const bud_push*>(bridge_->get_extension(bridge_, BUD_PUSH));
  blob_ = static_cast<const bud_blob*>(bridge_->get_extension(bridge_, BUD_BLOB));
  EXPECT_EQ(bridge_->get_extension(bridge_, "bud.unheard-of/1"), nullptr);
}

FakeHost::~FakeHost() {
  bridge_->destroy(bridge_);
  EXPECT_TRUE(timers_.empty() && watches_.empty()) << "destroy() leaves nothing registered";
  entry_->deinit();
  dlclose(object_);
}

void FakeHost::take(std::uint64_t op, const bud_completion& completion) {
  EXPECT_EQ(op, op_);
  EXPECT_FALSE(completed_) << "completed twice";
  Completed c;
  c.status = completion.status;
  c.words = completion.words != nullptr ? completion.words : "";
  c.statuses.assign(copies_, completion.status);
  if (completion.status == BUD_PARTIAL) {
    const auto* result = static_cast<const bud_push_result*>(completion.result);
    c.statuses.assign(result->statuses, result->statuses + result->count);
  } else if (completion.status == BUD_OK && completion.result != nullptr && address.empty()) {
    const auto* identity = static_cast<const bud_identity*>(completion.result);
    address = identity->address;
    device = identity->device;
    max_blob = identity->max_blob;
    if (at_identity) at_identity();
  } else if (take_result_) {
    if (completion.status == BUD_OK) take_result_(completion.result);
  } else if (completion.status == BUD_OK && completion.result != nullptr) {
    const auto* result = static_cast<const bud_records*>(completion.result);
    for (std::uint32_t i = 0; i < result->count; ++i) c.records.push_back(text(result->records[i]));
  }
  completed_ = std::move(c);
}

Completed FakeHost::run(const std::function<void(std::uint64_t)>& begin, std::uint32_t copies) {
  op_ = next_id_++;
  copies_ = copies;
  completed_.reset();
  begin(op_);
  settle();
  EXPECT_TRUE(completed_) << "not completed";
  return completed_.value_or(Completed{});
}

FakeHost::Put FakeHost::put(const std::string& name, int source, std::uint64_t total) {
  Put put;
  take_result_ = [&](const void* given) {
    const auto* result = static_cast<const bud_put_result*>(given);
    put.done = result->done;
    if (result->location != nullptr) put.location = result->location;
  };
  put.completed =
      run([&](std::uint64_t op) { blob_->put(bridge_, op, now_ + 30'000, name.c_str(), source, total); });
  take_result_ = nullptr;
  return put;
}

FakeHost::Got FakeHost::get(const std::string& location, int target, std::uint64_t offset, std::uint64_t limit) {
  Got got;
  take_result_ = [&](const void* given) {
    const auto* result = static_cast<const bud_get_result*>(given);
    got.added = result->added;
    got.end = result->end;
  };
  got.completed = run(
      [&](std::uint64_t op) { blob_->get(bridge_, op, now_ + 30'000, location.c_str(), target, offset, limit); });
  take_result_ = nullptr;
  return got;
}

Completed FakeHost::start(const std::string& json) {
  return run([&](std::uint64_t op) { bridge_->start(bridge_, op, now_ + 30'000, json.c_str()); });
}
Completed FakeHost::start(const fs::path& folder, const std::string& at) {
  return start(R"({"folder": ")" + folder.string() + R"(", "address": ")" + at + "\"}");
}
Completed FakeHost::publish(const std::string& record) {
  return run([&](std::uint64_t op) {
    directory_->publish(bridge_, op, now_ + 30'000, address.c_str(), device.c_str(), bytes(record));
  });
}
Completed FakeHost::lookup(const std::string& at) {
  return run([&](std::uint64_t op) { directory_->lookup(bridge_, op, now_ + 30'000, at.c_str()); });
}
Completed FakeHost::push(const std::vector<Copy>& copies) {
  std::vector<bud_copy> items;
  std::vector<const bud_copy*> pointers;
  for (const Copy& copy : copies)
    items.push_back({sizeof(bud_copy), BUD_CLASS_NORMAL, items.size() + 1, "somebody", copy.device.c_str(), 0,
                     bytes(copy.envelope)});
  for (const bud_copy& item : items) pointers.push_back(&item);
  const auto count = static_cast<std::uint32_t>(items.size());
  return run([&](std::uint64_t op) { push_->push(bridge_, op, now_ + 30'000, pointers.data(), count); }, count);
}
void FakeHost::ack(const std::string& cursor) {
  push_->ack(bridge_, bytes(cursor));
  settle();
}

void FakeHost::settle() {
  for (bool again = true; again;) {
    again = !later_.empty();
    for (const auto& call : std::exchange(later_, {})) call();
    for (const auto& [id, watch] : std::map(watches_)) {
      pollfd p{watch.fd, POLLIN, 0};
      if (deaf || poll(&p, 1, 0) != 1 || watches_.count(id) == 0) continue;
      watch.f(watch.user, watch.fd, BUD_IO_READ);
      again = true;
    }
    for (const auto& [id, timer] : std::map(timers_)) {
      if (timer.due > now_ || timers_.erase(id) == 0) continue;
      timer.f(timer.user);
      again = true;
    }
  }
}

void FakeHost::advance(std::uint64_t ms) {
  now_ += ms;
  settle();
}

bool FakeHost::eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (true) {
    settle();
    if (condition()) return true;
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::vector<pollfd> fds;
    for (const auto& [id, watch] : watches_) fds.push_back({watch.fd, POLLIN, 0});
    poll(fds.data(), fds.size(), 20);
  }
}

std::string read_text(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_text(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}
std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> all;
  for (const auto& entry : fs::directory_iterator(folder)) all.push_back(entry.path());
  return all;
}

}  // namespace spool::test
