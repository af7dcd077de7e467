// The public interfaces: calls with any arguments, on any object, of a daemon's service over a real store. Each is
// answered as its interface says, or by one of the daemon's errors in words; none takes it down, and at the end it
// still answers. (Peer-to-peer connections stand in for the bus. All but the clock follows from the input.)
#include "cli/json.h"
#include "core/session/ratchet.h"
#include "fuzz/support/dbus.h"
#include "fuzz/support/harness.h"
#include "service/account.h"
#include "service/accounts.h"
#include "service/alerts.h"
#include "service/announcer.h"
#include "service/contact.h"
#include "service/devices.h"
#include "service/manager.h"
#include "service/message.h"
#include "service/thread.h"
#include "service/vault.h"
#include "support/raw_sender.h"
#include "support/scratch_folder.h"
#include "support/wire_samples.h"
#include "unit/crypto/fixed_randomness.h"

#include <filesystem>

namespace bud::fuzz {
namespace {

using namespace service;

constexpr int most_calls = 12;

// libsodium's randomness, for as long as this program runs: from a seed that each input begins with.
crypto::SeededRandom drawn = test::seeded(222);
void begin_randomness(std::uint8_t seed) {
  drawn = test::seeded(seed);
  test::draw_randomness_from([]() -> Random& { return drawn; });
}

// --- the daemon ---

// As daemon.cpp puts it together, but for the names on a bus.
struct Service {
  bus::Event event = must(bus::Event::create());
  Peers chat = connect(event), control = connect(event);
  CoreHost core;
  Index index;
  Context context{event, chat.server, control.server, core, index};
  Lookups lookups{event, core};
  Watchers watchers{chat.server};
  Announcer announcer{context, lookups, watchers};
  Bridges bridges{context, lookups};
  Manager manager{context, bridges};
  Account account{context, lookups, watchers};
  Contacts contacts{context};
  Threads threads{context};
  Messages messages{context};
  Vault vault;
  Accounts accounts{context};
  Devices devices{context};
  Alerts alerts{context};

  explicit Service(const store::StateFolder& folder, const std::string& plugins)
      : core(event, folder, {"/bin/false", plugins}), vault(context, folder) {
    core.observe(announcer);
    must(manager.serve());
    must(account.serve());
    must(contacts.serve());
    must(threads.serve());
    must(messages.serve());
    must(vault.serve());
    must(accounts.serve());
    must(devices.serve());
    must(alerts.serve());
    must(bridges.serve());
    vault.open_by_itself();
    // A bridge that is up, whatever it runs in.
    if (must(engine().bridges()).empty()) must(engine().add_bridge({"spool", "absent", "{}"}));
    must(engine().bridge_ready("spool", {"alice", "laptop", 32 * 1024, 100, false}));
    BUD_HOLDS(drain(event));  // the two ends greet each other: descriptors pass only after that
  }
  ~Service() { core.stop(); }
  core::Engine& engine() { return *must(core.engine()); }
};

// --- what it has lived through ---

// The state folder of a daemon with an account, a contact and a conversation, and of one without; restored for each
// input.
class State {
 public:
  State() {
    begin_randomness(222);
    test::write_file(plugins_.file("fuzz.so"), as_bytes("x"));  // a kind that is there, and whose worker ends at once
    crypto::SeededRandom random = test::seeded(223);
    (void)must(vault::create_unprotected(folder_, random));
    { const Service s(folder_, plugins_.path()); }
    fresh_ = test::read_file(folder_.file("store.db"));
    {
      Service s(folder_, plugins_.path());
      live(s.engine());
    }
    with_account_ = test::read_file(folder_.file("store.db"));
  }

  void restore(bool fresh) {
    begin_randomness(224);
    std::error_code ignored;
    std::filesystem::remove(folder_.file("store.db-wal"), ignored);
    test::write_file(folder_.file("store.db"), fresh ? fresh_ : with_account_);
  }
  const store::StateFolder& folder() const { return folder_; }
  const std::string& plugins() const { return plugins_.path(); }
  const Vocabulary& words() const { return words_; }

 private:
  void live(core::Engine& engine) {
    must(engine.create_account("Alice"));
    test::World clock_only;
    clock_only.clock.time = SystemClock().now();
    test::RawSender bob(clock_only, 91);
    const wire::ClaimOpening opening = bob.claim("spool:bob");
    const Bytes record = bob.record(bob.account(), "spool:bob", opening, bob.entries);
    must(engine.records("spool", "bob", {&record, 1}));
    const AccountId account = must(engine.resolve("spool:bob"));
    const ThreadId thread = must(engine.open_thread(account));
    const MessageId sent = must(engine.send(thread, "hello bob", "key"));
    const MessageId heard = answer(engine, bob, thread);
    const core::AccountInfo own = must(engine.account());
    words_.paths = {paths::account,
                    paths::of(account).text,
                    paths::of(thread).text,
                    paths::of(sent).text,
                    paths::of(heard).text,
                    paths::manager,
                    paths::control,
                    paths::of(AccountId{}).text,
                    paths::of(ThreadId{}).text,
                    paths::of(MessageId{}).text};
    words_.texts = {"spool:bob",    "spool:alice", "spool:nobody",
                    "fuzz:alice",   "text",        "idempotency-key",
                    "key",          "name",        "protection",
                    "key-file",     "passphrase",  "spool",
                    "fuzz",         "absent",      "client",
                    "123456",       "folder",      "group",
                    "add",          "remove",      "rename",
                    "post",         "everybody",   "administrators",
                    "styles",       "poll",        "contact",
                    "reply-to",     "expire",      "question",
                    "options",      "multiple",    "x",
                    "administrator"};
    words_.blobs = {Bytes(own.device.bytes.begin(), own.device.bytes.end()), Bytes(32, 1), Bytes()};
  }

  MessageId answer(core::Engine& engine, test::RawSender& bob, const ThreadId& thread) {
    const auto published = must(engine.publication("spool"));
    const wire::Record record = must(wire::decode_and_verify_record(published->record));
    crypto::DhPublic identity;
    for (const wire::Entry& e : record.entries)
      if (e.body().key == record.body.device) identity = e.body().identity;
    bob.open(record, identity);
    const Bytes copy = bob.seal(bob.text(record.body.account, "hello alice"));
    must(engine.deliver("spool", {&copy, 1}, Bytes{1}));
    for (const core::MessageInfo& m : must(engine.messages(thread, 0, 10)))
      if (!m.outgoing) return m.id;
    broken(__FILE__, __LINE__, "bob's message is shown");
  }

  test::ScratchFolder scratch_, plugins_;
  store::StateFolder folder_ = must(store::StateFolder::open(scratch_.path()));
  Bytes fresh_, with_account_;
  Vocabulary words_;
};

State& state() {
  static State made;
  return made;
}

// --- what is called ---

struct Callable {
  bool control;
  std::size_t path;  // among the words' paths; beyond them: any
  Member member;
};

std::vector<Callable> all_callable() {
  std::vector<Callable> all;
  const auto add = [&](bool control, std::size_t path, const char* interface, const sd_bus_vtable* vtable) {
    for (const Member& m : members_of(interface, vtable)) all.push_back({control, path, m});
  };
  add(false, 5, Manager::interface, Manager::vtable);
  add(false, 0, Account::interface, Account::vtable);
  add(false, 1, Contacts::interface, Contacts::vtable);
  add(false, 2, Threads::interface, Threads::vtable);
  add(false, 3, Messages::interface, Messages::vtable);
  add(false, 4, Messages::interface, Messages::vtable);
  add(true, 6, Vault::interface, Vault::vtable);
  add(true, 6, Accounts::interface, Accounts::vtable);
  add(true, 6, Devices::interface, Devices::vtable);
  add(true, 6, Alerts::interface, Alerts::vtable);
  add(true, 6, Bridges::interface, Bridges::vtable);
  // What sd-bus makes of the same objects.
  all.push_back({false, 5, {"org.freedesktop.DBus.ObjectManager", "GetManagedObjects", "", "a{oa{sa{sv}}}", false}});
  for (std::size_t path : {0u, 1u, 2u, 3u})
    all.push_back({false, path, {"org.freedesktop.DBus.Introspectable", "Introspect", "", "s", false}});
  return all;
}

void call(Service& s, Feed& feed) {
  static const std::vector<Callable> callable = all_callable();
  const Vocabulary& words = state().words();
  const Callable& c = callable[feed.below(callable.size())];
  const std::uint8_t where = feed.u8();  // mostly where it belongs
  const std::string& path = words.paths[where < 200 ? c.path : where % words.paths.size()];
  BUD_HOLDS(checked_call(s.event, c.control ? s.control.client : s.chat.client, path, c.member, feed, words) ==
            Outcome::answered);
}

// A bridge is configured in the JSON that its plugin reads.
void check_bridges(Service& s) {
  const Result<core::Engine*> engine = s.core.engine();
  if (!engine) return;
  for (const core::BridgeConfig& b : must((*engine)->bridges())) {
    BUD_HOLDS(b.json.size() <= 64 * 1024 && !b.name.empty() && b.name.size() <= 32);
    const Result<bus::Dict> read = cli::parse_config(b.json);
    // (The command line takes no negative numbers; the interface does.)
    BUD_HOLDS(read.has_value() || b.json.find(":-") != std::string::npos);
  }
}

void check_paths(std::string_view text) {
  for (const char* folder : {paths::contacts, paths::threads, paths::messages}) {
    const std::string path = std::string(folder) + "/" + std::string(text);
    const std::optional<MessageId> id = paths::message(path);
    BUD_HOLDS(!id || paths::of(*id).text == path);
    BUD_HOLDS(int{paths::is_contact(path)} + int{paths::is_thread(path)} + int{id.has_value()} <= 1);
  }
}

}  // namespace

void run(ByteView input) {
  Feed feed(input);
  state().restore(feed.flag());
  Service s(state().folder(), state().plugins());
  for (int i = 0; i < most_calls && !feed.empty(); ++i) {
    call(s, feed);
    check_bridges(s);
  }
  check_paths(as_text(input.first(std::min<std::size_t>(input.size(), 40))));
  Feed nothing({});
  static const Member locked{Manager::interface, "Locked", "", "b", true};
  BUD_HOLDS(checked_call(s.event, s.chat.client, paths::manager, locked, nothing, state().words()) ==
            Outcome::answered);
}

void write_seeds(Seeds& seeds) {
  const std::vector<Callable> callable = all_callable();
  const auto sow = [&](const std::string& name, ByteView calls, bool fresh = false) {
    seeds.add(name, wire::Writer().u8(fresh ? 1 : 0).raw(calls).bytes());
  };
  // One for each method, with arguments that begin with words it may know; and all properties of an object in turn.
  std::map<std::string, Bytes> properties;
  for (std::size_t i = 0; i < callable.size(); ++i) {
    const Callable& c = callable[i];
    const std::string interface = c.member.interface.substr(c.member.interface.rfind('.') + 1);
    const auto number = static_cast<std::uint8_t>(i);
    if (c.member.property) {
      bud::append(properties[interface + "-properties"], Bytes{number, 0});
      continue;
    }
    Bytes seed{number, 0, 0};
    for (std::uint8_t b = 0; b < 12; ++b) seed.push_back(static_cast<std::uint8_t>(128 + 7 * b));
    sow(interface + "-" + c.member.name + "-" + std::to_string(c.path), seed);
  }
  for (const auto& [name, seed] : properties) sow(name, seed);
  const auto index = [&](std::string_view member) {
    for (std::size_t i = callable.size(); i-- > 0;)  // of the two named Create the account's
      if (callable[i].member.name == member) return static_cast<std::uint8_t>(i);
    broken(__FILE__, __LINE__, "a member that is there");
  };
  // Words by their number: 34 of them, so that 136 is the first.
  const auto word = [](std::uint8_t n) { return static_cast<std::uint8_t>(136 + n); };
  Bytes add{index("Add"), 0, 0, word(12), word(12), 1, word(16), 0, 0, 0, 2, '/', 'a'};
  add.insert(add.end(), {index("Probe"), 0, 0, word(12), index("Remove"), 0, 0, word(12), 0});
  sow("add-probe-remove", add);
  // A cursor of eight bytes and a count of four; an Unlock by one byte of a passphrase.
  Bytes lock{index("Lock"), 0, 0, index("Fetch"), 0, 0};
  lock.resize(lock.size() + 11);
  bud::append(lock, Bytes{9, index("Unlock"), 0, 0, 0, 1, 'x', 0, index("Fetch"), 0, 0});
  sow("lock-unlock", lock);
  Bytes join{index("Join"), 0, 0, word(1), 0, index("JoinStatus"), 0, 0, index("ConfirmJoin"), 0, 0, word(15)};
  sow("join", join, true);
  sow("create",
      Bytes{index("Create"), 0, 0, 1, word(7), 0, 0, 0, 1, 'A', index("RecoveryWords"), 0, 0, 70,
            index("RecoveryWordsKept"), 0, 0, 70},
      true);
  sow("send", Bytes{index("Send"), 0, 0, 1, word(4), 0, 0, 0, 5, 'h', 'e', 'l', 'l', 'o', 1, word(5), 0, word(6)});
  sow("send-nothing", Bytes{index("Send"), 0, 0, 1, word(4), 0, 0, 0, 0, 1, word(5), 0, word(6)});
  sow("resolve", Bytes{index("Resolve"), 0, 0, word(0), 0, index("OpenThread"), 0, 0, 1, 71, 0});
  Bytes window{index("OpenJoinWindow"), 0, 0, 0, 0, 0, 60, 0, index("Requests"), 0, 0, index("Approve"), 0, 0};
  window.resize(window.size() + 7);
  bud::append(window, Bytes{9, word(15), index("CloseJoinWindow"), 0, 0});
  sow("window", window);
}

}  // namespace bud::fuzz
