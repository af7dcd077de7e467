#include "service/message_values.h"

#include "service/paths.h"

namespace bud::service {
namespace {

constexpr std::size_t path_size = 64;
// To one message, of different emoji: nobody shows more, and anybody can send them.
constexpr std::size_t most_reactions = 256;

std::string type_name(core::MessageKind kind) {
  switch (kind) {
    case core::MessageKind::text:
      return "text";
    case core::MessageKind::attachment:
      return "attachment";
    case core::MessageKind::poll:
      return "poll";
    case core::MessageKind::sticker:
      return "sticker";
    case core::MessageKind::contact_card:
      return "contact";
    case core::MessageKind::change:
      return "change";
    case core::MessageKind::unknown:
      break;
  }
  return "unknown";
}

std::string change_name(core::ChangeKind kind) {
  switch (kind) {
    case core::ChangeKind::created:
      return "created";
    case core::ChangeKind::added:
      return "added";
    case core::ChangeKind::removed:
      return "removed";
    case core::ChangeKind::left:
      return "left";
    case core::ChangeKind::renamed:
      return "renamed";
  }
  return "unknown";
}

std::vector<bus::ObjectPath> paths_of(const std::vector<AccountId>& accounts, const core::AccountInfo& own) {
  std::vector<bus::ObjectPath> all;
  for (const AccountId& account : accounts) all.push_back(path_of(account, own));
  return all;
}

std::vector<bus::TextRange> to_ranges(const std::vector<core::TextStyle>& styles) {
  std::vector<bus::TextRange> all;
  for (const core::TextStyle& s : styles) all.push_back({s.start, s.length, s.style, s.argument});
  return all;
}

std::vector<bus::Tally> to_tallies(const std::vector<core::ReactionInfo>& reactions, const core::AccountInfo& own) {
  std::vector<bus::Tally> all;
  for (const core::ReactionInfo& r : reactions) {
    if (all.size() == most_reactions) break;
    all.push_back({r.emoji, paths_of(r.accounts, own)});
  }
  return all;
}

bus::Dict to_dict(const core::PollInfo& poll, const core::AccountInfo& own) {
  std::vector<bus::Tally> options;
  for (std::size_t i = 0; i < poll.options.size(); ++i)
    options.push_back(
        {poll.options[i], i < poll.votes.size() ? paths_of(poll.votes[i], own) : std::vector<bus::ObjectPath>()});
  return {{"options", std::move(options)}, {"multiple", poll.multiple}};
}

bus::Dict to_dict(const core::CardInfo& card) {
  const ByteView id = card.account.view();
  return {{"account", Bytes(id.begin(), id.end())}, {"name", card.name}, {"addresses", card.addresses}};
}

bus::Dict to_dict(const core::ChangeInfo& change, const core::AccountInfo& own) {
  bus::Dict d{{"kind", change_name(change.kind)}};
  if (!change.account.is_zero()) d.emplace("account", path_of(change.account, own));
  if (change.kind == core::ChangeKind::created || change.kind == core::ChangeKind::renamed)
    d.emplace("name", change.name);
  return d;
}

void add_progress(bus::Dict& d, const core::MessageInfo& message, const core::AccountInfo& own) {
  const Progress p = progress(message, own.device);
  d.emplace("state", p.state);
  d.emplace("delivered", p.delivered);
  d.emplace("total", p.total);
  if (!message.read_by.empty()) d.emplace("read-by", paths_of(message.read_by, own));
}

// Beside what all messages have.
void add_particulars(bus::Dict& d, const core::MessageInfo& message, const core::AccountInfo& own) {
  if (!message.styles.empty()) d.emplace("styles", to_ranges(message.styles));
  if (message.edited) d.emplace("edited", message.edited->ms);
  if (message.retracted) d.emplace("retracted", true);
  if (message.reply)
    d.emplace("reply", bus::Dict{{"message", paths::of(message.reply->id)},
                                 {"author", path_of(message.reply->author, own)},
                                 {"excerpt", message.reply->excerpt}});
  if (!message.reactions.empty()) d.emplace("reactions", to_tallies(message.reactions, own));
  if (message.poll) d.emplace("poll", to_dict(*message.poll, own));
  if (message.card) d.emplace("card", to_dict(*message.card));
  if (!message.changes.empty()) {
    std::vector<bus::Nested> all;
    for (const core::ChangeInfo& change : message.changes) all.emplace_back(to_dict(change, own));
    d.emplace("changes", std::move(all));
  }
  if (message.missing != 0) d.emplace("missing", message.missing);
  if (message.expire != 0) d.emplace("expire", message.expire);
}

}  // namespace

void add_files(bus::Dict& d, const core::MessageInfo& message) {
  if (message.files.empty()) return;
  std::vector<std::string> names, types;
  std::vector<std::uint64_t> sizes;
  for (const core::FileInfo& file : message.files) {
    names.push_back(file.name);
    types.push_back(file.media_type);
    sizes.push_back(file.size);
  }
  d.emplace("file_names", std::move(names));
  d.emplace("file_types", std::move(types));
  d.emplace("file_sizes", std::move(sizes));
}

bus::ObjectPath path_of(const AccountId& account, const core::AccountInfo& own) {
  return account == own.account ? bus::ObjectPath{paths::account} : paths::of(account);
}

bus::Dict to_dict(const core::MessageInfo& message, const core::AccountInfo& own) {
  bus::Dict d{
      {"message", paths::of(message.id)}, {"thread", paths::of(message.thread)}, {"author", author_path(message, own)},
      {"own", message.outgoing},          {"type", type_name(message.kind)},     {"text", message.text},
      {"time", message.time.ms}};
  add_files(d, message);
  add_particulars(d, message, own);
  if (message.outgoing) add_progress(d, message, own);
  return d;
}

bus::Dict to_dict(const core::Event& event, const core::AccountInfo& own) {
  bus::Dict d;
  if (event.kind == core::EventKind::contact_changed) {
    d = {{"contact", paths::of(event.contact)}};
  } else if (event.message.thread.is_zero()) {
    d = {{"message", paths::of(event.message.id)}, {"gone", true}};
  } else if (event.kind == core::EventKind::message_state) {
    d = {{"message", paths::of(event.message.id)}, {"thread", paths::of(event.message.thread)}};
    add_progress(d, event.message, own);
  } else {
    d = to_dict(event.message, own);
  }
  d.emplace("cursor", event.cursor);
  d.emplace("kind", static_cast<std::uint32_t>(event.kind));
  return d;
}

std::size_t size_of(const core::MessageInfo& message) {
  std::size_t bytes = 512 + message.text.size() + message.read_by.size() * path_size;
  for (const core::TextStyle& s : message.styles) bytes += 24 + s.argument.size();
  for (const core::ReactionInfo& r : message.reactions) bytes += 16 + r.emoji.size() + r.accounts.size() * path_size;
  if (message.poll)
    for (const std::vector<AccountId>& option : message.poll->votes) bytes += 256 + option.size() * path_size;
  for (const core::ChangeInfo& c : message.changes) bytes += 160 + c.name.size();
  return bytes;
}

}  // namespace bud::service
