// Vectors of groups' rosters: entries as bytes, and what sets of them come to.
#include "core/roster.h"
#include "fields.h"
#include "generate.h"
#include "support/hostile_keys.h"
#include "support/seeded_random.h"
#include "support/wire_samples.h"

namespace bud::vectors {
namespace {

using namespace wire;

Json refused(const std::string& what, const char* reason, const Bytes& bytes) {
  Result<RosterEntry> read = decode_and_verify_roster_entry(bytes);
  require(!read, what.c_str());
  require((read.error().code == Errc::malformed) == (std::string_view(reason) == "malformed"), what.c_str());
  return Json::object().set("what", Json::text(what)).set("reason", Json::text(reason)).set("bytes", Json::hex(bytes));
}

Bytes sign_bytes(const Bytes& body, const crypto::SigningKey& key, crypto::Label label = label::roster_sign) {
  Bytes part = body;
  append(part, key.id().view());
  return Writer().vector(body).fixed(key.id()).fixed(key.sign(label, part)).take();
}

Json refused_entries(const std::vector<RosterBody>& bodies, const crypto::SigningKey& key,
                     const crypto::SigningKey& other) {
  Json bad = Json::array();
  enum Sample : std::size_t { genesis, add, elevate, remove, leave, rename };
  const Bytes body = encode(bodies[add]), whole = sign_bytes(body, key);
  const auto bytes = [&](const char* what, const Bytes& b) { bad.push(refused(what, "malformed", b)); };
  const auto with = [&](const char* what, std::size_t sample, auto change) {
    RosterBody b = bodies[sample];
    change(b);
    bytes(what, sign_bytes(encode(b), key));
  };
  const auto byte = [&](const char* what, std::size_t sample, std::size_t at, std::uint8_t value) {
    Bytes b = encode(bodies[sample]);
    b[at] = value;
    bytes(what, sign_bytes(b, key));
  };
  const std::size_t behind_time = 3 + 32 * 3 + 16 + 8;
  Bytes more = whole, more_in_body = body;
  more.push_back(0);
  more_in_body.push_back(0);
  bytes("cut by a byte", Bytes(whole.begin(), whole.end() - 1));
  bytes("a byte more", more);
  bytes("a byte more in the body", sign_bytes(more_in_body, key));
  byte("version 2", add, 0, 2);
  byte("the type of a ledger entry", add, 1, 1);
  byte("kind 3, which rosters do not have", add, 2, 3);
  byte("kind 6", add, 2, 6);
  byte("a role of 3", elevate, behind_time + 48, 3);
  byte("a right of 0", genesis, behind_time + 32, 0);
  byte("a right of 3", genesis, behind_time + 35, 3);
  with("a genesis with a group", genesis, [](RosterBody& b) { b.group.bytes[0] = 1; });
  with("a genesis with a parent", genesis, [](RosterBody& b) { b.prev.bytes[0] = 1; });
  with("a genesis whose seat is not of its nonce", genesis, [](RosterBody& b) { b.seat.bytes[15] ^= 1; });
  with("a genesis that names an account twice", genesis, [](RosterBody& b) { b.members[1] = b.members[0]; });
  with("a genesis that names its author", genesis, [](RosterBody& b) { b.members[0].account = b.author; });
  with("a genesis that names nobody", genesis, [](RosterBody& b) { b.members[0].account = {}; });
  with("an add without group", add, [](RosterBody& b) { b.group = {}; });
  with("an add without parent", add, [](RosterBody& b) { b.prev = {}; });
  with("an add of nobody", add, [](RosterBody& b) { b.account = {}; });
  with("a rename by nobody", rename, [](RosterBody& b) { b.author = {}; });
  with("a removal that keeps five", remove, [](RosterBody& b) { b.keep.push_back(b.keep[0]); });
  with("a name of 129 bytes", rename, [](RosterBody& b) { b.name.assign(129, 'n'); });
  with("an address of 256 bytes", add, [](RosterBody& b) { b.address.assign(256, 'a'); });
  with("an address with a zero byte", add, [](RosterBody& b) { b.address = std::string("a\0b", 3); });

  const auto unsigned_ = [&](const char* what, const Bytes& b) { bad.push(refused(what, "bad_signature", b)); };
  Bytes part = body;
  append(part, key.id().view());
  unsigned_("signed under another label", sign_bytes(body, key, label::entry_sign));
  unsigned_("signed without the device",
            Writer().vector(body).fixed(key.id()).fixed(key.sign(label::roster_sign, body)).take());
  unsigned_("another device in the place of the one that signed",
            Writer().vector(body).fixed(other.id()).fixed(key.sign(label::roster_sign, part)).take());
  Bytes flipped = whole;
  flipped[110] ^= 1;
  unsigned_("a flipped bit in the body", flipped);
  bad.push(refused("a device of low order", "bad_key",
                   Writer().vector(body).raw(test::hostile_signing_keys()[0].bytes).fixed(crypto::Signature{}).take()));
  return bad;
}

// A group told by hand. People are numbers, 0 the creator; each signs with a device of their own.
class Tale {
 public:
  Tale(std::uint64_t seed, const Policy& policy, std::size_t first) : random_(seed) {
    for (std::size_t i = 0; i < people; ++i) {
      accounts_.push_back(test::random_fixed<AccountId>(random_));
      devices_.push_back(crypto::SigningKey::generate(random_));
    }
    RosterBody g;
    g.author = accounts_[0];
    random_.fill(g.nonce.bytes);
    std::copy_n(g.nonce.bytes.begin(), g.seat.bytes.size(), g.seat.bytes.begin());
    g.policy = policy;
    g.name = "At first";
    for (std::size_t i = 1; i < first; ++i) g.members.push_back({accounts_[i], "spool:" + std::to_string(i)});
    seats_.assign(people, g.seat);
    root = put(g, 0);
    tips_.assign(people, root);
  }

  EntryHash add(std::size_t by, std::size_t who, const EntryHash* at = nullptr, RosterRole role = RosterRole::member,
                bool same_seat = false) {
    RosterBody b;
    b.kind = RosterKind::add;
    b.account = accounts_[who];
    b.account_seat = same_seat ? seats_[who] : test::random_fixed<SeatNonce>(random_);
    b.role = role;
    b.address = "spool:again";
    const EntryHash hash = sign(b, by, at);
    if (!same_seat) {
      seats_[who] = b.account_seat;
      tips_[who] = hash;
    }
    return hash;
  }
  EntryHash remove(std::size_t by, std::size_t who, std::vector<EntryHash> keep, const EntryHash* at = nullptr) {
    RosterBody b;
    b.kind = RosterKind::remove;
    b.account = accounts_[who];
    b.account_seat = seats_[who];
    b.keep = std::move(keep);
    return sign(b, by, at);
  }
  EntryHash rename(std::size_t by, std::uint64_t number, const std::string& name, const EntryHash* at = nullptr) {
    RosterBody b;
    b.kind = RosterKind::rename;
    b.number = number;
    b.name = name;
    return sign(b, by, at);
  }
  // Anything by anybody, mostly where it may stand.
  void go_wild(std::size_t steps) {
    for (std::size_t i = 0; i < steps; ++i) {
      const std::size_t by = random_.below(people), who = random_.below(people), what = random_.below(10);
      const EntryHash* at = random_.below(4) == 0 ? &hashes_[random_.below(hashes_.size())] : nullptr;
      const RosterRole role = random_.below(4) == 0 ? RosterRole::administrator : RosterRole::member;
      std::vector<EntryHash> keep;
      for (std::size_t k = random_.below(4); k > 0; --k) keep.push_back(hashes_[random_.below(hashes_.size())]);
      if (random_.below(2) == 0) keep.push_back(tips_[who]);
      if (what < 4)
        add(by, who, at, role, random_.below(4) == 0);
      else if (what < 7)
        remove(by, what == 6 ? by : who, std::move(keep), at);
      else
        rename(by, random_.below(2500), "n" + std::to_string(i), at);
    }
  }

  Json told(const char* what) const {
    std::map<EntryHash, RosterEntry> entries;
    for (const Bytes& e : bytes_) {
      Result<RosterEntry> read = decode_and_verify_roster_entry(e);
      require(read.has_value(), what);
      entries.emplace(read->hash(), *read);
    }
    const Result<core::Roster> roster = core::judge_roster(std::move(entries));
    require(roster.has_value(), what);
    Json members = Json::array();
    for (const auto& [account, m] : roster->members)
      members.push(Json::object()
                       .set("account", Json::hex(account))
                       .set("administrator", Json::flag(m.administrator))
                       .set("address", Json::text(m.address))
                       .set("seats", hex_list(m.seats)));
    return Json::object()
        .set("what", Json::text(what))
        .set("entries", hex_list(bytes_))
        .set("members", std::move(members))
        .set("name", Json::text(roster->name))
        .set("digest", Json::hex(roster->digest));
  }

  EntryHash root;

 private:
  static constexpr std::size_t people = 6;

  EntryHash sign(RosterBody b, std::size_t by, const EntryHash* at) {
    b.group.bytes = root.bytes;
    b.prev = at != nullptr ? *at : tips_[by];
    b.author = accounts_[by];
    b.seat = seats_[by];
    const EntryHash hash = put(b, by);
    if (at == nullptr) tips_[by] = hash;
    return hash;
  }
  EntryHash put(RosterBody b, std::size_t by) {
    b.time = {1'750'000'000'000 + bytes_.size()};
    const RosterEntry e = sign_roster_entry(b, devices_[by]);
    bytes_.push_back(e.bytes());
    hashes_.push_back(e.hash());
    return e.hash();
  }

  test::SeededRandom random_;
  std::vector<AccountId> accounts_;
  std::vector<crypto::SigningKey> devices_;
  std::vector<SeatNonce> seats_;
  std::vector<EntryHash> tips_, hashes_;
  std::vector<Bytes> bytes_;
};

constexpr Policy anyone;
constexpr Policy strict{Right::administrators, Right::administrators, Right::administrators, Right::administrators};

void tell_of_rights(Json& all) {
  all.push(Tale(60, anyone, 3).told("a genesis alone"));
  Tale none(61, strict, 3);
  const EntryHash by_member = none.add(1, 3);
  none.rename(3, 1, "below what has no right", &by_member);
  none.remove(1, 2, {});
  none.rename(2, 1, "no");
  all.push(none.told("members without the right change nothing"));
  none.add(0, 4);
  none.rename(0, 1, "by the creator");
  none.remove(0, 1, {});
  all.push(none.told("the creator does; the members' entries stay where they are"));
  Tale left(62, strict, 3);
  left.remove(1, 1, {});
  all.push(left.told("a member leaves, although removing is for administrators"));
  Tale raised(63, strict, 3);
  const EntryHash second = raised.add(0, 1, nullptr, RosterRole::administrator);
  raised.add(1, 3, &second);
  raised.remove(1, 2, {});
  all.push(raised.told("a member is raised by a second seat, and acts from there"));
  Tale own(64, anyone, 3);
  own.add(1, 1, nullptr, RosterRole::administrator);
  all.push(own.told("whatever the policy, a member raises nobody"));
}

void tell_of_ends(Json& all) {
  Tale kept(65, anyone, 3);
  kept.add(1, 3);
  const EntryHash named = kept.rename(1, 1, "by one who is gone");
  kept.remove(0, 1, {named});
  kept.add(1, 4);
  all.push(kept.told("removed: what is kept stays, what is signed later does not"));
  Tale cut(66, anyone, 3);
  cut.add(1, 3);
  cut.remove(0, 1, {});
  all.push(cut.told("removed, and nothing kept"));
  Tale forks(67, anyone, 3);
  const EntryHash a = forks.add(1, 3, &forks.root), b = forks.add(1, 4, &forks.root);
  forks.remove(1, 1, {a}, &b);
  all.push(forks.told("left from one branch of a forked row, keeping the other"));
  Tale twice(68, anyone, 3);
  const EntryHash c = twice.add(1, 3, &twice.root), d = twice.add(1, 4, &twice.root);
  twice.remove(1, 1, {}, &c);
  twice.remove(1, 1, {c}, &d);
  all.push(twice.told("left twice, on two branches: what both leave"));
  Tale back(69, anyone, 3);
  back.remove(1, 1, {});
  back.add(2, 1);
  back.add(1, 3);
  all.push(back.told("left, and came back on another seat"));
  Tale again(70, anyone, 3);
  again.remove(0, 1, {});
  again.add(2, 1, nullptr, RosterRole::member, true);
  all.push(again.told("removed by a senior: a junior cannot grant the same seat again"));
  Tale junior(71, anyone, 3);
  junior.remove(2, 0, {});
  all.push(junior.told("a junior removes the creator"));
  junior.remove(0, 2, {}, &junior.root);
  all.push(junior.told("whose answer stands"));
}

void tell_of_names(Json& all) {
  Tale race(72, anyone, 3);
  race.rename(1, 1, "one");
  race.rename(2, 1, "two");
  all.push(race.told("two names with one number: the larger hash"));
  Tale jump(73, anyone, 3);
  jump.rename(1, UINT64_MAX, "for ever");
  jump.rename(2, 1001, "too far");
  all.push(jump.told("numbers that are too far above"));
  jump.rename(2, 1000, "a step");
  all.push(jump.told("and what they are above then"));
  jump.remove(2, 2, {});
  all.push(jump.told("a name stays when its author has left"));
}

}  // namespace

Json rosters() {
  crypto::SeededRandom random = test::seeded(45);
  const crypto::SigningKey device = crypto::SigningKey::generate(random), other = crypto::SigningKey::generate(random);
  const std::vector<RosterBody> bodies = test::sample_roster_bodies(random);
  const auto key = [](const crypto::SigningKey& k) {
    return Json::object().set("seed", Json::hex(k.seed().expose())).set("id", Json::hex(k.id()));
  };
  Json entries = Json::array(), judged = Json::array();
  for (const RosterBody& b : bodies) {
    const RosterEntry e = sign_roster_entry(b, device);
    require(decode_and_verify_roster_entry(e.bytes()).has_value(), "a roster entry that does not verify");
    Json row = Json::object()
                   .set("fields", fields(b))
                   .set("body", Json::hex(encode(b)))
                   .set("hash", Json::hex(e.hash()))
                   .set("group", Json::hex(e.group()))
                   .set("author_seat", Json::hex(b.author_seat()));
    if (b.kind == RosterKind::add || b.kind == RosterKind::remove)
      row.set("seat_id", Json::hex(seat_id(b.account, b.account_seat)));
    entries.push(row.set("entry", Json::hex(e.bytes())).set("again", Json::hex(sign_roster_entry(b, other).bytes())));
  }
  tell_of_rights(judged);
  tell_of_ends(judged);
  tell_of_names(judged);
  for (std::uint64_t seed = 80; seed < 104; ++seed) {
    Policy policy;
    if (seed % 2 == 1) policy.add = Right::administrators;
    if (seed % 3 == 1) policy.remove = Right::administrators;
    if (seed % 5 == 1) policy.rename = Right::administrators;
    Tale wild(seed, policy, 4);
    wild.go_wild(18);
    judged.push(wild.told("anything by anybody"));
  }
  return Json::object()
      .set("about",
           Json::text("Section 19: roster entries of every kind, signed by `device`, and `again` by `other`; what is "
                      "refused. Section 20: sets of entries, whose signers are taken to be their authors' devices, "
                      "and what they come to."))
      .set("keys", Json::object().set("device", key(device)).set("other", key(other)))
      .set("entries", std::move(entries))
      .set("refused", refused_entries(bodies, device, other))
      .set("judged", std::move(judged));
}

}  // namespace bud::vectors
