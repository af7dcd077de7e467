// budstikke doctor: what is wrong, and what to do about it, in plain words.
#include "cli/commands/commands.h"
#include "cli/commands/lookup.h"
#include "cli/text.h"
#include "cli/words.h"
#include "client/control.h"

#include <algorithm>
#include <fstream>

namespace bud::cli {
namespace {

using client::BridgeState;
using client::VaultState;

// `code` is ok where it is no trouble, only worth knowing.
struct Finding {
  ExitCode code = ExitCode::ok;
  std::string what, remedy;
};

class Examination {
 public:
  explicit Examination(Context& context) : context_(context) {}

  // Each looks at what the ones before it have found sound.
  Result<> examine() {
    BUD_TRY(connection_, context_.connect());
    BUD_TRY(state_, client::Manager(*connection_).state());
    if (state_.version != BUD_VERSION) {
      add(ExitCode::ok, "The daemon is version " + state_.version + ", this command " BUD_VERSION ".",
          "Restart the daemon after an upgrade.");
    }
    BUD_TRY(const bool open, vault());
    if (!open) return {};
    memory();
    BUD_CHECK(bridges());
    BUD_CHECK(account());
    return alerts();
  }
  void add(ExitCode code, std::string what, std::string remedy) {
    findings_.push_back({code, std::move(what), std::move(remedy)});
  }
  const std::vector<Finding>& findings() const { return findings_; }

 private:
  Result<bool> vault() {
    BUD_TRY(const client::Vault::State vault, client::Vault(*connection_).state());
    if (vault.state == VaultState::empty)
      add(ExitCode::locked, "There is no vault yet, so nothing can be stored.", "budstikke vault create");
    if (vault.state == VaultState::locked)
      add(ExitCode::locked, "The vault is locked: nothing is received or sent.", "budstikke unlock");
    if (vault.protection == "key-file") {
      add(ExitCode::ok, "The store is not protected: its key lies beside it, for whoever can read your files.",
          "Keep the disk encrypted, or begin anew with a passphrase.");
    }
    return vault.state == VaultState::unlocked;
  }

  // The kernel counts locked memory for each process (proc(5), VmLck); keys lie there while the vault is open.
  void memory() {
    const auto process = connection_->daemon_process();
    if (!process) return;
    std::ifstream status("/proc/" + std::to_string(*process) + "/status");
    std::string line;
    while (std::getline(status, line)) {
      if (!line.starts_with("VmLck:")) continue;
      if (line.find_first_of("123456789") == std::string::npos) {
        add(ExitCode::ok, "The daemon's keys are not locked in memory: they may be written to swap.",
            "Raise the limit on locked memory (ulimit -l, or LimitMEMLOCK= of the service) and restart the daemon.");
      }
      return;
    }
  }

  Result<> bridges() {
    BUD_TRY(const std::vector<client::Bridge> bridges, client::Bridges(*connection_).list());
    if (bridges.empty()) {
      add(ExitCode::not_found, "No bridge is configured, so there is no way to anybody.",
          "budstikke bridge add spool spool folder=/a/shared/folder address=NAME");
    }
    for (const client::Bridge& b : bridges) bridge(b);
    return {};
  }

  void bridge(const client::Bridge& b) {
    const std::string because = b.text.empty() ? "." : ": " + b.text;
    switch (b.state) {
      case BridgeState::starting:
        return add(ExitCode::ok, "The bridge " + b.name + " is starting" + because, "Look again in a moment.");
      case BridgeState::offline:
        return add(ExitCode::offline, "The bridge " + b.name + " does not reach its server and keeps trying" + because,
                   "budstikke bridge probe " + b.name);
      case BridgeState::needs_login:
        return add(ExitCode::not_allowed, "The bridge " + b.name + " was refused by its server" + because,
                   "budstikke bridge remove " + b.name + ", and add it again with a login that works");
      case BridgeState::failed:
        return add(ExitCode::other, "The bridge " + b.name + " does not work" + because,
                   "budstikke bridge remove " + b.name + ", and add it again as its kind wants it");
      case BridgeState::ready:
      case BridgeState::unknown:
        return;
    }
  }

  Result<> account() {
    const client::Accounts accounts(*connection_);
    if (state_.accounts.empty()) return no_account(accounts);
    const client::Account account(*connection_, state_.accounts.front());
    BUD_TRY(const client::AccountView view, account.view());
    if (view.state == client::AccountState::removed) {
      add(ExitCode::not_allowed, "This device was removed from its account: it shows what it has, and sends nothing.",
          "If it was not you who revoked it, look at the account from another of your devices.");
      return {};
    }
    if (view.addresses.empty())
      add(ExitCode::not_found, "The account has no address: nobody can find it.", "budstikke bridge list");
    BUD_TRY(const bool words, accounts.has_recovery_words(account.path()));
    if (words) {
      add(ExitCode::ok, "The recovery words are still on this device, and perhaps nowhere else.",
          "budstikke account words");
    }
    return {};
  }

  Result<> no_account(const client::Accounts& accounts) {
    BUD_TRY(const client::JoinStatus join, accounts.join_status());
    if (join.state == client::JoinState::idle || join.state == client::JoinState::unknown) {
      add(ExitCode::not_found, "There is no account on this device.",
          "budstikke account create, or budstikke account join ADDRESS where you have one on another device");
    } else {
      add(ExitCode::not_found,
          "This device is joining an account, and no member yet (" + std::string(word(join.state)) + ").",
          "budstikke account join-status");
    }
    return {};
  }

  Result<> alerts() {
    BUD_TRY(const std::vector<client::Alert> all, client::Alerts(*connection_).list());
    const auto unseen = std::count_if(all.begin(), all.end(), [](const client::Alert& a) { return !a.acknowledged; });
    if (unseen == 0) return {};
    add(ExitCode::ok, std::to_string(unseen) + (unseen == 1 ? " alert was" : " alerts were") + " not acknowledged.",
        "budstikke alerts");
    return {};
  }

  Context& context_;
  client::Connection* connection_ = nullptr;
  client::Manager::State state_;
  std::vector<Finding> findings_;
};

Result<ExitCode> doctor(Context& context) {
  Examination examination(context);
  const Result<> ended = examination.examine();
  if (!ended) {
    const bool unreachable = context.unreachable();
    examination.add(
        exit_code(ended.error().code, unreachable), ended.error().text + ".",
        std::string(unreachable
                        ? "Start the daemon (systemctl --user start budstikked), or say which bus it is on with --bus."
                        : advice(ended.error().code, false)));
  }
  const std::vector<Finding>& findings = examination.findings();
  const auto trouble =
      std::find_if(findings.begin(), findings.end(), [](const Finding& f) { return f.code != ExitCode::ok; });
  const ExitCode code = trouble == findings.end() ? ExitCode::ok : trouble->code;
  std::string text;
  for (const Finding& f : findings) {
    text += (f.code == ExitCode::ok ? "note     " : "problem  ") + escape(f.what) + "\n";
    if (!f.remedy.empty()) text += "         do: " + escape(f.remedy) + "\n";
  }
  if (code == ExitCode::ok) text += "All is well.\n";
  BUD_CHECK(context.answer(
      [&](Json& j) {
        j.object().key("ok").boolean(code == ExitCode::ok).key("findings").array();
        for (const Finding& f : findings) {
          j.object().key("level").text(f.code == ExitCode::ok ? "note" : "problem");
          j.key("what").text(f.what).key("do").text(f.remedy).end();
        }
        j.end().end();
      },
      text));
  return code;
}

}  // namespace

void add_doctor_command(CLI::App& app, Context& context) {
  command(app, context, "doctor", "What is wrong, and what to do", doctor);
}

}  // namespace bud::cli
