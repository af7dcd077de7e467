#include "crashes/victim.h"

#include "service/paths.h"

#include <sys/epoll.h>
#include <sys/stat.h>

namespace bud::test {
namespace {

constexpr Duration pause{10};
constexpr Duration too_long = seconds(60);

// The worker's environment is the daemon's to make: so it is a script that brings the library into it.
std::string faulty_worker(const std::string& folder, const FaultControl& faults) {
  const std::string script = folder + "/bridge-host";
  const std::string text = "#!/bin/sh\nexport ASAN_OPTIONS=verify_asan_link_order=0\nexport " + faults.preload() + " " +
                           faults.variable() + "\nexec " BUD_BRIDGE_HOST " \"$@\"\n";
  write_file(script, as_bytes(text));
  if (::chmod(script.c_str(), 0700) != 0) throw std::runtime_error("cannot make a script");
  return script;
}

std::size_t at(Op op) {
  return static_cast<std::size_t>(op);
}

template <std::size_t N>
void add(std::array<std::uint64_t, N>& to, const std::array<std::uint64_t, N>& more) {
  for (std::size_t i = 0; i < N; ++i) to[i] += more[i];
}

}  // namespace

Tally& Tally::operator+=(const Tally& more) {
  daemon_killed += more.daemon_killed;
  all_killed += more.all_killed;
  not_started += more.not_started;
  add(died_at, more.died_at);
  for (std::size_t i = 0; i < ops; ++i) add(faults[i], more.faults[i]);
  wrong.insert(wrong.end(), more.wrong.begin(), more.wrong.end());
  return *this;
}

Victim::Victim(bus::Event& event, const std::string& spool, const std::string& address, std::string name)
    : device(spool, address),
      event_(event),
      name_(std::move(name)),
      daemon_faults_(device.folder() + "/daemon-faults"),
      worker_faults_(device.folder() + "/worker-faults") {
  device.program.environment = {daemon_faults_.preload(), daemon_faults_.variable(),
                                "ASAN_OPTIONS=verify_asan_link_order=0"};
  device.program.bridge_host = faulty_worker(device.folder(), worker_faults_);
}

void Victim::ready_for(const std::string& other) {
  thread_ = device.thread_with(other);
  must(device.bus().attach(event_), "attach the bus");
}

// --- Its lives

void Victim::begin(NextLife next_life) {
  next_life_ = std::move(next_life);
  device.kill_all();
  live();
}

void Victim::live() {
  const std::optional<Life> life = next_life_();
  if (!life) {
    finished_ = true;
    return;
  }
  life_ = *life;
  left_ = life_.messages;
  caught_up_ = false;
  arm();
  device.launch();
  alive_ = true;
  on_ready_ = must(event_.io(device.notifications(), EPOLLIN, [this](std::uint32_t) { is_ready(); }), "io");
  on_end_ = must(event_.io(device.ended(), EPOLLIN, [this](std::uint32_t) { ended(device.collect(), false); }), "io");
  timer_ = must(event_.after(life_.from_start ? life_.length : too_long, [this] { kill(); }), "timer");
}

void Victim::arm() {
  daemon_hits_ = daemon_faults_.hits();
  worker_hits_ = worker_faults_.hits();
  if (life_.fault) (life_.in_worker ? worker_faults_ : daemon_faults_).arm(*life_.fault);
}

void Victim::is_ready() {
  if (!device.ready()) return;
  on_ready_.reset();
  if (!life_.from_start) timer_ = must(event_.after(life_.length, [this] { kill(); }), "timer");
  go_on();
}

void Victim::kill() {
  if (on_ready_ && !life_.from_start) tally_.wrong.push_back(name_ + " was not ready within a minute");
  if (life_.with_workers)
    device.kill_all();
  else
    device.kill();
  ended(-SIGKILL, true);
}

void Victim::ended(int code, bool by_us) {
  alive_ = false;
  const bool was_ready = !on_ready_;
  for (bus::Source* source : {&on_ready_, &on_end_, &timer_, &again_}) source->reset();
  if (by_us) ++(life_.with_workers ? tally_.all_killed : tally_.daemon_killed);
  judge(by_us ? 0 : code, was_ready);
  after_the_end();
}

// An answer that was under way still comes; or the bus says that none will.
void Victim::after_the_end() {
  if (alive_ || call_) return;
  daemon_faults_.disarm();
  worker_faults_.disarm();
  live();
}

void Victim::count_faults(bool& died) {
  const bool hit =
      life_.fault && (life_.in_worker ? worker_faults_.hits() > worker_hits_ : daemon_faults_.hits() > daemon_hits_);
  if (!hit) return;
  const bool dies = life_.fault->act == Act::die_before || life_.fault->act == Act::die_after;
  if (dies)
    ++tally_.died_at[at(life_.fault->op)];
  else
    ++tally_.faults[at(life_.fault->op)][static_cast<std::size_t>(life_.fault->act)];
  died = dies;
}

// `code`: how the daemon ended by itself; 0: it did not.
void Victim::judge(int code, bool was_ready) {
  bool died = false;
  const Tally before = tally_;
  count_faults(died);
  if (code == 0 || (code == -SIGKILL && died && !life_.in_worker)) return;
  const bool a_fault = before.faults != tally_.faults && !life_.in_worker;
  if (a_fault && code > 0 && !was_ready) {
    ++tally_.not_started;
    return;
  }
  tally_.wrong.push_back(name_ + " ended by itself, with " + std::to_string(code) + ": " + device.said());
}

// --- What it does in them: one call at a time

void Victim::go_on() {
  if (!alive_ || call_) return;
  if (!caught_up_) return fetch();
  if (!pending_.empty() || left_ > 0) send();
}

// True where the answer is an error; what is to follow is under way then.
bool Victim::answered_badly(const Result<bus::Message>& answer) {
  const bus::Slot own = std::move(call_);
  if (answer) return false;
  if (answer.error().code == Errc::internal) tally_.wrong.push_back(name_ + ": " + answer.error().text);
  if (!alive_) {
    after_the_end();
  } else {
    again_ = must(event_.after(pause, [this] { go_on(); }), "timer");
  }
  return true;
}

void Victim::fetch() {
  const bus::Target account{service::chat_name, service::paths::account, "org.budstikke.Account1"};
  call_ = must(device.bus().call_async(
                   account, "Fetch", [this](bus::Writer& out) { out.u64(cursor_).u32(0); }, too_long,
                   [this](const Result<bus::Message>& answer) {
                     if (answered_badly(answer)) return;
                     const Device::Fetched page = Device::read_page(*answer);
                     take(page);
                     caught_up_ = page.events.empty();
                     if (!alive_) return after_the_end();
                     go_on();
                   }),
               "Fetch");
}

void Victim::send() {
  if (pending_.empty()) {
    --left_;
    pending_ = name_ + "-" + std::to_string(++begun_) + " " + std::string(life_.text_bytes, 'x');
  }
  call_ = must(device.send_async(thread_, pending_, pending_.substr(0, pending_.find(' ')), too_long,
                                 [this](const Result<bus::Message>& answer) {
                                   if (answered_badly(answer)) return;
                                   sent_.push_back(std::exchange(pending_, {}));
                                   if (!alive_) return after_the_end();
                                   go_on();
                                 }),
               "Send");
}

void Victim::take(const Device::Fetched& page) {
  for (std::string& text : Device::texts_of(page)) read_.push_back(std::move(text));
  cursor_ = page.next;
}

// --- When all has happened

void Victim::come_to_rest() {
  device.start();
  if (pending_.empty()) return;
  const std::string key = pending_.substr(0, pending_.find(' '));
  wait_until([&] { return device.send(thread_, pending_, key).has_value(); }, "a Send that goes through");
  sent_.push_back(std::exchange(pending_, {}));
}

void Victim::send_last(const std::string& text) {
  must(device.send(thread_, text, text), "send");
  sent_.push_back(text);
}

const Tally& Victim::close() {
  if (device.said().find("Sanitizer") != std::string::npos) tally_.wrong.push_back(name_ + ": " + device.said());
  return tally_;
}

void Victim::read_on() {
  for (Device::Fetched page = device.fetch(cursor_); !page.events.empty(); page = device.fetch(cursor_)) take(page);
}

}  // namespace bud::test
