// What comes from a transport: opened, judged against its sender's ledger, and acted upon. One copy at a time; whatever a
// copy holds, the rest of the batch is dealt with.
#pragma once

#include "core/groups.h"
#include "core/healing.h"
#include "core/joining.h"
#include "core/own_state.h"

namespace bud::core {

class Inbox {
 public:
  Inbox(Context& context, Alerts& alerts, Ledgers& ledgers, Sessions& sessions, Prekeys& prekeys, Fanout& fanout,
        Directory& directory, Messages& messages, Conversations& conversations, Groups& groups, Reading& reading, Receipts& receipts,
        Healing& healing, Joining& joining, Registers& registers, OwnState& own_state)
      : context_(context), alerts_(alerts), ledgers_(ledgers), sessions_(sessions), prekeys_(prekeys), fanout_(fanout),
        directory_(directory), messages_(messages), conversations_(conversations), groups_(groups), reading_(reading), receipts_(receipts),
        healing_(healing), joining_(joining), registers_(registers), own_state_(own_state) {}

  // An error only where the store failed: the batch is then to be delivered again.
  [[nodiscard]] Result<> take(ByteView copy);

 private:
  [[nodiscard]] Result<> again(const EnvelopeHash& envelope, SeenRow seen);
  // A copy that has opened, whose sender is not judged yet.
  struct Opened {
    OwnerRow from;
    Session session;
    bool fresh = false;                        // the session began with this copy
    std::optional<crypto::DhPublic> identity;  // as a fresh session claims it
    std::uint64_t prekey = 0;
    bool personal = false;
    wire::Plaintext plaintext;
    wire::Content content;
    bool control = false;                      // was acted upon, and is not kept (control.h)
  };
  [[nodiscard]] Result<std::optional<Opened>> open(const wire::CopyView& copy, const EnvelopeHash& hash);
  [[nodiscard]] Result<std::optional<Opened>> open_known(const OwnerRow& owner, const wire::CopyView& copy, const EnvelopeHash& hash);
  [[nodiscard]] Result<std::optional<Opened>> open_first(const wire::CopyView& copy);
  [[nodiscard]] Result<> judge(Opened& opened);
  [[nodiscard]] Result<> absorb_entries(const Opened& opened);
  [[nodiscard]] Result<bool> vouched(const Opened& opened);
  [[nodiscard]] Result<> from_outside(const Opened& opened);
  [[nodiscard]] Result<bool> of_removed_device(const Opened& opened);
  [[nodiscard]] Result<> removed_device_spoke(const Opened& opened);
  static Incoming incoming(const Opened& opened);
  [[nodiscard]] Result<> keep_session(const Opened& opened);
  [[nodiscard]] Result<> hear(const Opened& opened);
  [[nodiscard]] Result<> learn_introduction(const Opened& opened, PeerRow& peer);
  [[nodiscard]] Result<> compare_views(const Opened& opened, PeerRow& peer);
  [[nodiscard]] Result<> act(Opened& opened);
  [[nodiscard]] Result<> take_unshown(const Opened& opened);
  // A content of control.h was acted upon: its sender is told that it is here.
  [[nodiscard]] Result<> arrived(Opened& opened);
  [[nodiscard]] Result<> hear_own_state(const wire::RegisterSync& sync, Opened& opened);

  Context& context_;
  Alerts& alerts_;
  Ledgers& ledgers_;
  Sessions& sessions_;
  Prekeys& prekeys_;
  Fanout& fanout_;
  Directory& directory_;
  Messages& messages_;
  Conversations& conversations_;
  Groups& groups_;
  Reading& reading_;
  Receipts& receipts_;
  Healing& healing_;
  Joining& joining_;
  Registers& registers_;
  OwnState& own_state_;
};

}  // namespace bud::core
