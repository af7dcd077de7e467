// What a bridge's worker can say to the daemon: calls of org.budstikke.BridgeHost1 with any arguments, answers of any
// shape to org.budstikke.Bridge1's calls, and bytes that are no D-Bus at all. The daemon's side is the real one,
// process and all; the process hands its end of the socket over to the target.
#include "base/text.h"
#include "bridging/io/process_worker.h"
#include "fuzz/support/dbus.h"
#include "fuzz/support/harness.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

namespace bud::fuzz {
namespace {

constexpr int most_steps = 12;
constexpr const char* their_path = "/org/budstikke/Bridge1";

// Where worker_child hands its descriptor over.
class Exchange {
 public:
  Exchange()
      : name_("budstikke-fuzz-" + std::to_string(::getpid())),
        listening_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    std::memcpy(at.sun_path + 1, name_.data(), name_.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name_.size());
    BUD_HOLDS(::bind(listening_.get(), reinterpret_cast<sockaddr*>(&at), size) == 0 &&
              ::listen(listening_.get(), 4) == 0);
  }
  const std::string& name() const { return name_; }
  struct Taken {
    UniqueFd line, socket;
  };
  Taken take() {
    Taken taken{UniqueFd(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC)), {}};
    char byte = 0;
    iovec data{&byte, 1};
    alignas(cmsghdr) char room[CMSG_SPACE(sizeof(int))];
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = room;
    message.msg_controllen = sizeof room;
    BUD_HOLDS(::recvmsg(taken.line.get(), &message, MSG_CMSG_CLOEXEC) == 1 && message.msg_controllen > 0);
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    taken.socket = UniqueFd(fd);
    return taken;
  }

 private:
  std::string name_;
  UniqueFd listening_;
};

bool is_key(std::string_view key) {
  return !key.empty() && key.size() <= 64 &&
         key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string_view::npos;
}

// What gets through is within the interface's bounds.
struct Listener final : bridging::Worker::Listener {
  bool ready = false, gone = false;
  bool refuses = false;

  void worker_ready() override {
    BUD_HOLDS(!ready && !gone);
    ready = true;
  }
  Result<> worker_delivers(std::vector<Bytes> copies, Bytes cursor) override {
    std::size_t total = 0;
    for (const Bytes& copy : copies) {
      BUD_HOLDS(copy.size() <= 1024 * 1024);
      total += copy.size();
    }
    BUD_HOLDS(!gone && copies.size() <= 1000 && total <= 16 * 1024 * 1024 && !cursor.empty() && cursor.size() <= 4096);
    return answer();
  }
  Result<> worker_stores(const std::string& key, ByteView value) override {
    BUD_HOLDS(!gone && is_key(key) && value.size() <= 64 * 1024);
    return answer();
  }
  void worker_saw_change(const std::string& address) override {
    BUD_HOLDS(!gone && address.size() <= 255 && valid_text(address));
  }
  void worker_reports(bud_status, const std::string& words) override {
    BUD_HOLDS(!gone && words.size() <= 1024 && valid_text(words));
  }
  void worker_logs(std::uint32_t level, const std::string& text) override {
    BUD_HOLDS(!gone && level >= BUD_LOG_ERROR && level <= BUD_LOG_DEBUG && text.size() <= 1024 && valid_text(text));
  }
  void worker_gone(std::string why) override {
    BUD_HOLDS(!gone && !why.empty());
    gone = true;
  }
  Result<> answer() const {
    if (refuses) return fail(Errc::busy, "not now");
    return {};
  }
};

void check_answer(const bridging::Answer& a) {
  BUD_HOLDS(a.status <= BUD_INVALID && a.retry_after.ms <= days(1).ms && a.words.size() <= 4096 && valid_text(a.words));
}

class Play {
 public:
  explicit Play(ByteView input) : feed_(input), event_(must(bus::Event::create())) {
    static Exchange exchange;
    worker_ = must(bridging::ProcessWorker::start(event_, listener_, BUD_WORKER_CHILD, {exchange.name()}));
    taken_ = exchange.take();
    raw_ = UniqueFd(::fcntl(taken_.socket.get(), F_DUPFD_CLOEXEC, 3));
    theirs_.emplace(must(bus::Bus::connect(std::move(taken_.socket))));
    must(theirs_->attach(event_));
    sd_bus_slot* slot = nullptr;
    BUD_HOLDS(sd_bus_add_object(
                  theirs_->raw(), &slot, their_path,
                  [](sd_bus_message* m, void* self, sd_bus_error*) { return static_cast<Play*>(self)->answer(m); },
                  this) >= 0);
    object_ = bus::Slot(slot);
  }
  // The child hears that the line is cut, and ends by itself.
  ~Play() {
    hang_up();
    taken_.line.reset();
    worker_.reset();
  }

  void run() {
    drain(event_);
    for (int i = 0; i < most_steps && !feed_.empty() && !listener_.gone; ++i) step();
    drain(event_);
  }

 private:
  void step() {
    const std::uint8_t what = feed_.u8();
    listener_.refuses = (what & 0x80) != 0;
    switch (what % 12) {
      case 0:
      case 1:
      case 2:
      case 3:
      case 4:
        call();
        break;
      case 5:
        ask_to_configure();
        break;
      case 6:
        ask([&](auto done) { worker_->publish({"alice", "laptop", 1, Bytes(10, 1)}, seconds(1), done); });
        break;
      case 7:
        ask_to_look_up();
        break;
      case 8:
      case 9:
        ask_to_push(feed_.below(5));
        break;
      case 10:
        worker_->ack(Bytes(3, 1));
        break;
      default: {
        const ByteView bytes = feed_.chunk();  // whatever this is, sd-bus reads it
        (void)!::send(raw_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        break;
      }
    }
    settle();
  }

  // What was killed goes from the loop once its process has ended, and with it the other end of the socket. Each call
  // that waits for its answer takes a step of the loop before that: how many steps there are is the input's. One that
  // never goes is an input that takes too long.
  void settle() {
    drain(event_);
    if (!killed()) return;
    hang_up();
    while (!listener_.gone) (void)must(event_.step(seconds(1)));
  }
  void hang_up() {
    object_.reset();
    theirs_.reset();
    raw_.reset();
  }
  // Whether the daemon has killed it. A process with SIGKILL before it gives no byte back, be it gone yet or not: the
  // answer follows from the input, not from how fast it ends.
  bool killed() const {
    const int line = taken_.line.get();
    char byte = 0;
    if (::send(line, &byte, 1, MSG_NOSIGNAL) != 1) return true;
    ssize_t n = 0;
    do n = ::recv(line, &byte, 1, 0);
    while (n < 0 && errno == EINTR);
    return n != 1;
  }

  void call() {
    static const std::vector<Member> members = members_of("org.budstikke.BridgeHost1", bridging::ProcessWorker::vtable);
    const Member& member = members[feed_.below(members.size())];
    sd_bus_message* raw = nullptr;
    if (sd_bus_message_new_method_call(theirs_->raw(), &raw, nullptr, "/org/budstikke/BridgeHost1",
                                       member.interface.c_str(), member.name.c_str()) < 0)
      return;
    const bus::Message message = bus::Message::adopt(raw);
    append(raw, any_signature(feed_, member.in.c_str()), feed_, words());
    (void)sd_bus_send(theirs_->raw(), raw, nullptr);
  }

  int answer(sd_bus_message* call) {
    const std::string_view member = bus::Message::share(call).member();
    const char* declared = member == "Configure" ? "uusssa{sv}"
                           : member == "Publish" ? "uus"
                           : member == "Lookup"  ? "uusaay"
                           : member == "Push"    ? "uusau"
                                                 : "";
    const std::uint8_t how = feed_.u8();
    if (how >= 250) return sd_bus_reply_method_errorf(call, SD_BUS_ERROR_FAILED, "no %s", "more");
    if (how >= 245) return 1;  // never
    sd_bus_message* raw = nullptr;
    if (sd_bus_message_new_method_return(call, &raw) < 0) return 1;
    const bus::Message reply = bus::Message::adopt(raw);
    append(raw, any_signature(feed_, declared), feed_, words());
    (void)sd_bus_send(nullptr, raw, nullptr);
    return 1;
  }

  std::size_t once() {
    heard_once_.push_back(false);
    return heard_once_.size() - 1;
  }
  void heard(std::size_t which) {
    BUD_HOLDS(!heard_once_[which]);
    heard_once_[which] = true;
  }
  template <class Ask>
  void ask(Ask how) {
    how([this, which = once()](const bridging::Answer& a) {
      heard(which);
      check_answer(a);
    });
  }
  void ask_to_configure() {
    worker_->configure(
        "{}", {{"key", Bytes(3, 1)}}, seconds(1),
        [this, which = once()](const bridging::Answer& a, const bridging::Identity& i) {
          heard(which);
          check_answer(a);
          BUD_HOLDS(i.core.address.size() <= 255 && i.core.device.size() <= 255);
          BUD_HOLDS(a.status != BUD_OK || (!i.core.address.empty() && !i.core.device.empty()));
          BUD_HOLDS(i.core.max_batch >= 1 && i.core.max_batch <= 1000);
          BUD_HOLDS(i.core.max_envelope >= 1 && i.core.max_envelope <= 1024 * 1024 && i.max_record <= 1024 * 1024);
          BUD_HOLDS(i.max_batch_bytes >= 1 && i.max_batch_bytes <= 8 * 1024 * 1024);
        });
  }
  void ask_to_look_up() {
    worker_->lookup("bob", seconds(1),
                    [this, which = once()](const bridging::Answer& a, const std::vector<Bytes>& records) {
                      heard(which);
                      check_answer(a);
                      std::size_t total = 0;
                      for (const Bytes& r : records) total += r.size();
                      BUD_HOLDS(records.size() <= 1000 && total <= 4 * 1024 * 1024);
                    });
  }
  void ask_to_push(std::size_t count) {
    std::vector<core::OutboxItem> items(count);
    for (core::OutboxItem& item : items) item.address = item.device = "bob";
    worker_->push(items, seconds(1),
                  [this, count, which = once()](const bridging::Answer& a, const std::vector<bud_status>& all) {
                    heard(which);
                    check_answer(a);
                    BUD_HOLDS(all.size() == count);
                    for (bud_status s : all) BUD_HOLDS(s <= BUD_INVALID && (a.status == BUD_PARTIAL || s == a.status));
                  });
  }

  static const Vocabulary& words() {
    static const Vocabulary all{
        {"alice", "laptop", "key", "max_batch", "max_envelope", "max_record", "max_batch_bytes", ""},
        {"/a"},
        {Bytes(40, 1), Bytes()}};
    return all;
  }

  Feed feed_;
  Listener listener_;
  bus::Event event_;
  std::unique_ptr<bridging::Worker> worker_;
  Exchange::Taken taken_;
  UniqueFd raw_;
  std::optional<bus::Bus> theirs_;
  bus::Slot object_;
  std::vector<bool> heard_once_;
};

}  // namespace

void run(ByteView input) {
  Play(input).run();
}

void write_seeds(Seeds& seeds) {
  using W = wire::Writer;
  const auto sow = [&](std::string_view name, const W& w) { seeds.add(name, w.bytes()); };
  // Members: Ready, Deliver, StoreState, Changed, Report, Log. Then how their signature is chosen, then the arguments.
  const auto ready = [](W& w) -> W& { return w.u8(0).u8(0).u8(0); };
  const auto text = [](W& w, std::string_view s) -> W& { return chunk(w.u8(0), as_bytes(s)); };
  W w;
  sow("ready", ready(w));
  chunk(chunk(w.u8(0).u8(1).u8(0).u8(1).u8(0), Bytes(20, 1)).u8(0), as_bytes("cursor"));
  sow("delivers", w);
  W state;
  chunk(text(ready(state).u8(0).u8(2).u8(0), "device").u8(0), as_bytes("value"));
  text(state.u8(0).u8(3).u8(0), "bob");
  text(state.u8(0).u8(4).u8(0).u32(3), "the server sleeps");
  text(state.u8(0).u8(5).u8(0).u32(9), "a line");
  sow("all-calls", state);
  W configured;
  text(text(text(ready(configured).u8(5).u8(0).u8(0).u32(0).u32(0), ""), "alice"), "laptop");
  configured.u8(2).u8(128 + 3).u8(3).u32(10).u8(128 + 4).u8(3).u32(0);
  sow("configured", configured);
  W looked;
  text(ready(looked).u8(7).u8(0).u8(0).u32(0).u32(0), "").u8(2).u8(128).u8(129);
  sow("looked-up", looked);
  W pushed;
  text(ready(pushed).u8(8).u8(3).u8(0).u8(0).u32(BUD_PARTIAL).u32(7), "").u8(2).u32(0).u32(4711);
  sow("pushed", pushed);
  W odd;
  ready(odd).u8(5).u8(0).u8(205);
  sow("another-answer", odd);
  W bytes;
  chunk(ready(bytes).u8(11), as_bytes("l\1\0\1 no message"));
  sow("no-dbus", bytes);
  // Ten pushes without an answer, when the answer to another call ends the worker.
  W waiting;
  ready(waiting);
  for (int i = 0; i < 10; ++i) waiting.u8(8).u8(0).u8(245);
  waiting.u8(5).u8(0).u8(205);
  sow("killed-while-calls-wait", waiting);
}

}  // namespace bud::fuzz
