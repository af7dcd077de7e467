#include "service/index.h"

#include "service/paths.h"

namespace bud::service {
namespace {

template <class Id>
std::optional<Id> at(const std::map<std::string, Id, std::less<>>& all, std::string_view path) {
  const auto found = all.find(path);
  return found != all.end() ? std::optional<Id>(found->second) : std::nullopt;
}

template <class Id>
std::vector<std::string> keys(const std::map<std::string, Id, std::less<>>& all) {
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto& [path, id] : all) out.push_back(path);
  return out;
}

}  // namespace

Result<> Index::load(core::Engine& engine) {
  clear();
  BUD_TRY(const auto contacts, engine.contacts());
  for (const core::ContactInfo& c : contacts) add(c.account);
  BUD_TRY(const auto threads, engine.threads());
  for (const core::ThreadInfo& t : threads) add(t.thread);
  return {};
}

void Index::clear() {
  contacts_.clear();
  threads_.clear();
}

void Index::add(const AccountId& contact) {
  contacts_.emplace(paths::of(contact).text, contact);
}
void Index::add(const ThreadId& thread) {
  threads_.emplace(paths::of(thread).text, thread);
}

std::optional<AccountId> Index::contact(std::string_view path) const {
  return at(contacts_, path);
}
std::optional<ThreadId> Index::thread(std::string_view path) const {
  return at(threads_, path);
}
std::vector<std::string> Index::contact_paths() const {
  return keys(contacts_);
}
std::vector<std::string> Index::thread_paths() const {
  return keys(threads_);
}

}  // namespace bud::service
