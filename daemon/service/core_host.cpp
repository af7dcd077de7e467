#include "service/core_host.h"

#include "service/log.h"

namespace bud::service {
namespace {

constexpr std::size_t max_logged = 300;
constexpr std::size_t idle_log = 1024 * 1024;

}  // namespace

Result<> CoreHost::start(const crypto::Secret<32>& master) {
  if (running()) return {};
  Result<> done = open(master);
  if (done) done = start_bridges();
  if (!done) {
    drop();
    return done;
  }
  if (observer_ != nullptr) observer_->core_started();
  driver_.start(*engine_, *bridges_);
  return {};
}

Result<> CoreHost::open(const crypto::Secret<32>& master) {
  if (!store::exists(folder_)) log(LogLevel::notice, "making a new store");
  BUD_TRY(arena_, crypto::Arena::create());
  if (!arena_->locked()) {
    log(LogLevel::warning, "the kernel locks no memory for keys (RLIMIT_MEMLOCK): they may reach the swap space");
  }
  constexpr auto missing = store::SqliteStorage::IfMissing::create;
  BUD_TRY(storage_, store::SqliteStorage::open(folder_, master, missing, *arena_, random_));
  BUD_TRY(engine_, core::Engine::open({*storage_, clock_, random_, executor_, *arena_, driver_}));
  return {};
}

Result<> CoreHost::start_bridges() {
  BUD_TRY(const std::vector<core::BridgeConfig> configured, engine_->bridges());
  bridges_ = std::make_unique<bridging::Bridges>(timers_, workers_, random_, *engine_);
  BUD_TRY(files_, Files::open(event_, timers_, random_, folder_, *engine_, *bridges_, [this](const MessageId& message) {
            if (observer_ != nullptr) observer_->files_changed(message);
          }));
  bridges_->on_status([this](const std::string& bridge, const bridging::Status& status) {
    if (files_ && status.state == bridging::BridgeState::up) files_->bridge_up(bridge);
    if (observer_ != nullptr) observer_->bridges_changed();
  });
  bridges_->on_log([](const std::string& bridge, std::uint32_t level, const std::string& text) {
    if (level <= static_cast<std::uint32_t>(LogLevel::notice)) {
      log(static_cast<LogLevel>(level), "bridge " + bridge + ": " + text.substr(0, max_logged));
    }
  });
  for (const core::BridgeConfig& one : configured) {
    const Result<> added = bridges_->add({one.name, one.kind, one.json});
    if (!added) log(LogLevel::error, "bridge " + one.name + " cannot run: " + added.error().text);
  }
  return {};
}

void CoreHost::stop() {
  const bool was_running = running();
  drop();
  if (was_running && observer_ != nullptr) observer_->core_stopped();
}

void CoreHost::drop() {
  driver_.stop();
  files_.reset();
  bridges_.reset();
  engine_.reset();
  storage_.reset();
  arena_.reset();
  tick_failed_ = false;
}

Result<> CoreHost::add_bridge(const core::BridgeConfig& config) {
  BUD_TRY(core::Engine* const engine, this->engine());
  BUD_CHECK(engine->add_bridge(config));
  const Result<> started = bridges_->add({config.name, config.kind, config.json});
  if (!started) {
    const Result<> undone = engine->remove_bridge(config.name);
    if (!undone) log(LogLevel::error, "a bridge that cannot run stays configured: " + undone.error().text);
  }
  return started;
}

Result<> CoreHost::remove_bridge(const std::string& name) {
  BUD_TRY(core::Engine* const engine, this->engine());
  BUD_CHECK(engine->remove_bridge(name));
  files_->bridge_removed(name);
  (void)bridges_->remove(name);  // one whose kind is no longer installed does not run
  return {};
}

Result<core::Engine*> CoreHost::engine() {
  if (!engine_) return fail(Errc::locked, "the vault is locked: unlock it first");
  return engine_.get();
}

Result<bridging::Bridges*> CoreHost::bridges() {
  if (!bridges_) return fail(Errc::locked, "the vault is locked: unlock it first");
  return bridges_.get();
}

Result<Files*> CoreHost::files() {
  if (!files_) return fail(Errc::locked, "the vault is locked: unlock it first");
  return files_.get();
}

void CoreHost::changed(const core::Changes& changes) {
  if (files_) files_->core_changed(changes);
  if (observer_ != nullptr) observer_->core_changed(changes);
}

Result<core::AccountInfo> CoreHost::own_account() {
  BUD_TRY(core::Engine* const engine, this->engine());
  BUD_TRY(core::AccountInfo own, engine->account());
  if (own.state != core::AccountState::member && own.state != core::AccountState::removed) {
    return fail(Errc::not_found, "there is no account on this device: create one, or join one");
  }
  return own;
}

void CoreHost::ticked(const Result<>& done) {
  if (!done && !tick_failed_)
    log(LogLevel::error, "what is due cannot be done now, and is tried again: " + done.error().text);
  tick_failed_ = !done;
  // A moment with nothing else to do: what a commit would otherwise do once its log has outgrown itself.
  if (done && storage_->log_bytes() > idle_log) {
    const Result<> moved = storage_->checkpoint();
    if (!moved) log(LogLevel::warning, "the store's log cannot be moved into it: " + moved.error().text);
  }
}

}  // namespace bud::service
