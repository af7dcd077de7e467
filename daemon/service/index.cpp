#include "service/index.h"

#include "service/paths.h"

namespace bud::service {
namespace {

template <class Id>
std::optional<Id> at(const std::map<std::string, Id, std::less<>>& all, std::string_view path) {
  const auto found = all.find(path);
  return found != all.end() ? std::optional<Id>(found->second) : std::nullopt;
}

}  // namespace

Result<> Index::load(core::Engine& engine) {
  clear();
  BUD_TRY(const auto contacts, engine.contacts());
  for (const core::ContactInfo& c : contacts) add(c.account);
  BUD_TRY(const auto threads, engine.threads());
  for (const core::ThreadInfo& t : threads) {
    add(t.thread);
    name(t);
  }
  return {};
}

void Index::clear() {
  people_.clear();
  contacts_.clear();
  threads_.clear();
}

void Index::add(const AccountId& contact) {
  name(contact);
  contacts_.insert(paths::of(contact).text);
}
void Index::add(const ThreadId& thread) {
  threads_.emplace(paths::of(thread).text, thread);
}

void Index::name(const AccountId& person) {
  people_.emplace(paths::of(person).text, person);
}
void Index::name(const std::vector<AccountId>& people) {
  for (const AccountId& one : people) name(one);
}

void Index::name(const core::ThreadInfo& thread) {
  name(thread.members);
}

// All that to_dict() makes paths of.
void Index::name(const core::MessageInfo& message) {
  name(message.author);
  if (message.reply) name(message.reply->author);
  for (const core::ReactionInfo& r : message.reactions) name(r.accounts);
  if (message.poll)
    for (const std::vector<AccountId>& option : message.poll->votes) name(option);
  for (const core::ChangeInfo& c : message.changes)
    if (!c.account.is_zero()) name(c.account);
  name(message.read_by);
}

std::optional<AccountId> Index::person(std::string_view path) const {
  return at(people_, path);
}
std::optional<ThreadId> Index::thread(std::string_view path) const {
  return at(threads_, path);
}
std::vector<std::string> Index::contact_paths() const {
  return {contacts_.begin(), contacts_.end()};
}
std::vector<std::string> Index::thread_paths() const {
  std::vector<std::string> out;
  out.reserve(threads_.size());
  for (const auto& [path, id] : threads_) out.push_back(path);
  return out;
}

}  // namespace bud::service
