#include "bridging/bridges.h"

namespace bud::bridging {
namespace {

constexpr std::size_t max_configuration = 64 * 1024;

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= 32 &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
}

}  // namespace

Bridges::Bridges(Timers& timers, WorkerFactory& workers, Random& random, core::TransportPort& port, Timing timing)
    : timers_(timers), workers_(workers), random_(random), port_(port), timing_(timing) {}

void Bridges::on_status(std::function<void(const std::string&, const Status&)> call) {
  status_changed_ = std::move(call);
}
void Bridges::on_log(std::function<void(const std::string&, std::uint32_t, const std::string&)> call) {
  log_ = std::move(call);
}

Context Bridges::context_for(const std::string& name) {
  return {timers_, workers_, random_, port_, name, timing_, [this, name](std::uint32_t level, const std::string& text) {
            if (log_) log_(name, level, text);
          }};
}

Result<> Bridges::add(const Configuration& configuration) {
  if (!is_name(configuration.name) || !is_name(configuration.kind))
    return fail(Errc::malformed, "A bridge's name and kind are 1 to 32 of a-z, 0-9 and \"-\"");
  if (configuration.json.size() > max_configuration)
    return fail(Errc::malformed, "A bridge's configuration is at most 64 KiB");
  if (bridges_.count(configuration.name) != 0)
    return fail(Errc::conflict, "There is a bridge \"" + configuration.name + "\" already");
  BUD_CHECK(workers_.installed(configuration.kind));
  const auto tell = [this, name = configuration.name](const Status& status) {
    if (status_changed_) status_changed_(name, status);
  };
  bridges_[configuration.name] = std::make_unique<Bridge>(context_for(configuration.name), configuration, tell);
  return {};
}

Result<> Bridges::remove(const std::string& name) {
  if (bridges_.erase(name) == 0) return fail(Errc::not_found, "There is no bridge \"" + name + "\"");
  return {};
}

void Bridges::kick(const std::string& name) {
  const auto found = bridges_.find(name);
  if (found != bridges_.end()) found->second->kick();
}

void Bridges::lookup(const std::string& name, const std::string& address, std::function<void(bool)> done) {
  const auto found = bridges_.find(name);
  if (found != bridges_.end()) return found->second->lookup(address, std::move(done));
  if (done) refuse([done = std::move(done)] { done(false); });
}

void Bridges::put_blob(const std::string& name, const BlobPut& blob, BlobCalls::PutDone done) {
  const auto found = bridges_.find(name);
  if (found != bridges_.end()) return found->second->blobs().put(blob, std::move(done));
  refuse([done = std::move(done)] { done({BUD_RETRY_LATER, {}, "there is no such bridge"}, {}); });
}

void Bridges::get_blob(const std::string& name, const BlobGet& blob, BlobCalls::GetDone done) {
  const auto found = bridges_.find(name);
  if (found != bridges_.end()) return found->second->blobs().get(blob, std::move(done));
  refuse([done = std::move(done)] { done({BUD_RETRY_LATER, {}, "there is no such bridge"}, {}); });
}

void Bridges::refuse(std::function<void()> call) {
  const std::uint64_t id = next_++;
  refusals_[id] = timers_.defer([this, id, call = std::move(call)] {
    const auto fired = refusals_.extract(id);
    call();
  });
}

std::vector<Bridges::Description> Bridges::list() const {
  std::vector<Description> all;
  for (const auto& [name, bridge] : bridges_)
    all.push_back({name, bridge->configuration().kind, bridge->address(), bridge->status()});
  return all;
}

}  // namespace bud::bridging
