// Rows of the store, as the codec reads them: they come out of a seal, so that what is wrong with one is damage; it is
// refused, and never worse. The first byte says which row.
#include "core/rows.h"
#include "fuzz/support/copies.h"
#include "fuzz/support/harness.h"

namespace bud::fuzz {
namespace {

using namespace core;

// What was read is written so that it reads as the same again. (Sets and maps are written in their order.)
template <class Row>
void check_row(ByteView bytes) {
  const Result<Row> row = decode_row<Row>(bytes);
  if (!row) return BUD_HOLDS(row.error().code == Errc::damaged);
  const crypto::SecretBytes written = encode_row(*row);
  BUD_HOLDS(written.size() <= bytes.size());
  const Result<Row> again = decode_row<Row>(written.expose());
  BUD_HOLDS(again.has_value());
  BUD_HOLDS(equal(encode_row(*again).expose(), written.expose()));
  // All but the rows with a set in them are written in one way only.
  if constexpr (!std::is_same_v<Row, AccountRow>) BUD_HOLDS(equal(written.expose(), bytes));
}

// A session's row of the first version does not say when the session was last heard; it is written in today's.
constexpr std::size_t heard_size = 8, heard_at = 1 + SessionId::size + Transcript::size + 8 + 1 + 8;

void check_session(ByteView bytes) {
  const Result<Session> session = decode_session(bytes);
  if (!session) return BUD_HOLDS(session.error().code == Errc::damaged);
  const crypto::SecretBytes written = encode(*session);
  if (bytes[0] == written.expose()[0]) return BUD_HOLDS(equal(written.expose(), bytes));
  BUD_HOLDS(bytes[0] == 1 && written.size() == bytes.size() + heard_size);
  BUD_HOLDS(equal(written.expose().subspan(1, heard_at - 1), bytes.subspan(1, heard_at - 1)));
  BUD_HOLDS(equal(written.expose().subspan(heard_at + heard_size), bytes.subspan(heard_at)));
}

using Check = void (*)(ByteView);
constexpr Check checks[] = {
    check_session,         check_row<KeysRow>,        check_row<RecoveryRow>,   check_row<OwnRow>,
    check_row<PrekeyRow>,  check_row<AccountRow>,     check_row<EntryRow>,      check_row<PeerRow>,
    check_row<OwnerRow>,   check_row<MarkRow>,        check_row<ContactRow>,    check_row<AddressRow>,
    check_row<ThreadRow>,  check_row<MessageRow>,     check_row<PlaceRow>,      check_row<DeliveryRow>,
    check_row<OutboxRow>,  check_row<EventRow>,       check_row<CursorRow>,     check_row<AlertRow>,
    check_row<BridgeRow>,  check_row<BytesRow>,       check_row<ReceiptsRow>,   check_row<WaitingRow>,
    check_row<HealingRow>, check_row<JoinRequestRow>, check_row<JoinWindowRow>, check_row<JoinOfferRow>,
    check_row<SeenRow>,    check_row<RosterWaitingRow>, check_row<RosterStateRow>, check_row<RegisterRow>,
    check_row<RegistersRow>, check_row<RegisterPeerRow>, check_row<RelatedRow>, check_row<AsideRow>,
    check_row<WantRow>,    check_row<ReadRow>,        check_row<ExpiringRow>,
    check_row<AttachmentRow>};

}  // namespace

void run(ByteView input) {
  if (input.empty()) return;
  checks[input[0] % std::size(checks)](input.subspan(1));
}

void write_seeds(Seeds& seeds) {
  crypto::SeededRandom random = test::seeded(212);
  const auto sow = [&]<class Row>(std::string_view name, const Row& row) {
    for (std::size_t i = 0; i < std::size(checks); ++i)
      if (checks[i] == Check{check_row<Row>})
        seeds.add(name, wire::Writer().u8(static_cast<std::uint8_t>(i)).raw(encode_row(row).expose()).bytes());
  };
  test::Pair pair(213);
  pair.answer();
  pair.offer_both_ways();
  (void)test::seal_text(pair.a, "lost", pair.random);
  (void)test::open_text(pair.b, test::seal_text(pair.a, "later", pair.random));
  seeds.add("session-initiator", wire::Writer().u8(0).raw(encode(test::Pair(214).a).expose()).bytes());
  seeds.add("session-skipped", wire::Writer().u8(0).raw(encode(pair.b).expose()).bytes());
  Bytes first_version = wire::Writer().u8(0).u8(1).raw(encode(pair.b).expose().subspan(1)).take();
  first_version.erase(first_version.begin() + 1 + heard_at, first_version.begin() + 1 + heard_at + heard_size);
  (void)must(decode_session(ByteView(first_version).subspan(1)));
  seeds.add("session-first-version", first_version);
  OwnRow own;
  own.name = "Alice";
  own.openings = {{"spool:alice", test::random_fixed<wire::ClaimOpening>(random)}};
  own.join_address = "spool:alice";
  sow("own", own);
  PrekeyRow prekey;
  prekey.bundle = test::sample_bundle(random);
  prekey.only_for = test::random_fixed<DeviceId>(random);
  sow("prekey", prekey);
  AccountRow account;
  account.memory.pinned[test::random_fixed<EntryHash>(random)] = {};
  account.memory.accepted.insert(test::random_fixed<EntryHash>(random));
  account.addresses = {"spool:bob", "matrix:@bob:example.org"};
  sow("account", account);
  PeerRow peer;
  peer.bundle = peer.personal = prekey.bundle;
  peer.routes = {{"spool:bob", "laptop"}};
  sow("peer", peer);
  ContactRow contact;
  contact.addresses = {"spool:bob"};
  contact.verified = true;
  sow("contact", contact);
  ThreadRow thread;
  thread.members = {test::random_fixed<AccountId>(random)};
  thread.heads = {{test::random_fixed<ContentHash>(random), thread.members[0]}};
  sow("thread", thread);
  MessageRow message;
  message.content = encode(test::sample_contents(random)[0]);
  sow("message", message);
  DeliveryRow delivery;
  delivery.bridge = "spool";
  sow("delivery", delivery);
  OutboxRow outbox;
  outbox.item.address = "bob";
  outbox.item.device = "laptop";
  outbox.item.envelope = Bytes(40, 1);
  outbox.bridge = "spool";
  sow("outbox", outbox);
  AlertRow alert;
  alert.alert.text = "words";
  sow("alert", alert);
  BridgeRow bridge;
  bridge.config = {"spool", "spool", "{}"};
  bridge.identity.address = "alice";
  sow("bridge", bridge);
  sow("bytes", BytesRow{"device", Bytes(16, 'a')});
  ReceiptsRow receipts;
  receipts.contents = {test::random_fixed<ContentHash>(random)};
  sow("receipts", receipts);
  HealingRow healing;
  healing.envelopes = {test::random_fixed<EnvelopeHash>(random)};
  sow("healing", healing);
  JoinRequestRow request;
  request.record = Bytes(70, 2);
  request.revealed = test::random_fixed<wire::JoinNonce>(random);
  sow("join-request", request);
  sow("join-offer", JoinOfferRow{});
  sow("join-window", JoinWindowRow{});
  sow("event", EventRow{});
  sow("place", PlaceRow{});
  sow("address", AddressRow{});
  sow("seen", SeenRow{});
  sow("register", RegisterRow{{wire::RegisterKind::setting, Bytes(9, 's'), 7, test::random_fixed<DeviceId>(random), Bytes(20, 'v')}});
  RegistersRow registers;
  registers.lamport = 7;
  registers.counts = {0, 1, 2};
  sow("registers", registers);
  sow("register-peer", RegisterPeerRow{test::random_fixed<DeviceId>(random), true, {5}, minutes(1)});
  AttachmentRow attachment;
  attachment.idempotency_key = "key";
  attachment.caption.text = "look";
  wire::File file;
  file.name = "photo.jpg";
  file.blob.size = 5'000'000;
  file.blob.locations = {"spool:somewhere"};
  attachment.files = {{std::string(32, 'a'), file, {"nats", "spool"}}, {std::string(32, 'b'), file, {}}};
  sow("attachment", attachment);
  bridge.identity.blobs = true;
  bridge.identity.max_blob = 1 << 20;
  sow("bridge-with-blobs", bridge);
  sow("keys", KeysRow{});
  sow("recovery", RecoveryRow{});
  sow("entry", EntryRow{Bytes(70, 3)});
  sow("owner", OwnerRow{});
  sow("mark", MarkRow{});
  sow("cursor", CursorRow{});
  sow("waiting", WaitingRow{});
  RosterWaitingRow roster_entry;
  roster_entry.vouched = true;
  roster_entry.bytes = Bytes(90, 4);
  sow("roster-waiting", roster_entry);
  RosterStateRow state;
  state.members = {test::random_fixed<AccountId>(random)};
  sow("roster-state", state);
}

}  // namespace bud::fuzz
