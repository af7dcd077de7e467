#include "core/attachments.h"

#include "core/message_info.h"

#include "base/text.h"
#include "crypto/stream.h"

namespace bud::core {
namespace {

// So small that a place of its own would take more than the file.
constexpr std::size_t tiny = 1024;
// Of an envelope: header, handshake, gossip, padding, and the content around the file.
constexpr std::size_t around_inlined = 8 * 1024;
constexpr std::size_t max_location = wire::max_location - 32;  // without the bridge's kind
constexpr std::size_t max_pending = 256;
constexpr std::size_t max_why = 256;
constexpr Duration patience = days(30);
constexpr std::uint64_t largest_blob = crypto::max_stream / 2;  // before padding

std::string megabytes(std::uint64_t bytes) {
  return bytes < 1024 * 1024 ? std::to_string(bytes / 1024) + " KiB" : std::to_string(bytes / (1024 * 1024)) + " MiB";
}

tl::unexpected<Error> too_large(std::uint64_t largest) {
  return fail(Errc::too_large, "the bridges that lead to everybody in this thread take files of up to " +
                                   megabytes(largest) + ": send a smaller one, or use a bridge that keeps larger ones");
}

// A name for people: whatever it looks like, it leads nowhere.
std::string fallback_of(const wire::Attachment& attachment) {
  std::string text = attachment.caption.text;
  for (const wire::File& file : attachment.files) text += (text.empty() ? "[" : " [") + file.name + "]";
  constexpr std::size_t most = 1024;
  if (text.size() <= most) return text;
  std::size_t size = most;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size);
}

std::size_t inlined_size(const AttachmentRow& row) {
  std::size_t size = row.caption.text.size();
  for (const PendingFile& f : row.files)
    size += f.file.blob.inlined.size() + f.file.thumbnail.size() + f.file.name.size();
  return size;
}

}  // namespace

std::uint64_t sealed_blob_size(std::uint64_t size) {
  return crypto::sealed_stream_size(wire::padded_size(size));
}

// --- Where to

Result<ThreadRow> Attachments::writable(const ThreadId& id) {
  if (!context_.member())
    return fail(Errc::not_allowed, context_.own.state == AccountState::removed
                                       ? "this device was removed from its account"
                                       : "this device has no account yet");
  BUD_TRY(ThreadRow thread, threads_.get(id));
  BUD_CHECK(conversations_.check_may_speak(thread, wire::ContentKind::attachment));
  return thread;
}

Result<Attachments::Reach> Attachments::reach(const ThreadRow& thread) {
  Reach reach;
  BUD_CHECK(each<BridgeRow>(context_.db(), Table::bridges, {}, [&](std::uint64_t, BridgeRow& row) {
    std::string name = row.config.name;
    if (row.known) reach.ours.emplace(std::move(name), std::move(row));
    return true;
  }));
  const auto reader = [&reach](const std::vector<std::string>& addresses) {
    std::set<std::string> bridges;
    for (const std::string& address : addresses) {
      const std::optional<SplitAddress> split = split_address(address);
      if (split && reach.ours.contains(split->bridge)) bridges.insert(split->bridge);
    }
    reach.used.insert(bridges.begin(), bridges.end());
    reach.readers.push_back(std::move(bridges));
  };
  BUD_TRY(std::vector<AccountId> accounts, threads_.members(thread));
  accounts.push_back(context_.own.account);
  for (const AccountId& account : accounts) {
    BUD_TRY(const std::vector<Recipient> devices, fanout_.devices(account));
    for (const Recipient& device : devices) {
      BUD_TRY(const PeerRow peer, sessions_.peer(device.account, device.device));
      std::vector<std::string> addresses;
      for (const wire::Route& route : peer.routes) addresses.push_back(route.address);
      reader(addresses);
    }
    if (!devices.empty() || account == context_.own.account) continue;
    // No device of theirs is known yet: they will be found at these.
    BUD_TRY(const std::vector<std::string> addresses, addresses_of(context_, account));
    reader(addresses);
  }
  if (reach.used.empty())
    for (const auto& [name, bridge] : reach.ours) reach.used.insert(name);
  for (const std::string& name : reach.used) {
    const std::size_t envelope = reach.ours.at(name).identity.max_envelope;
    reach.envelope = reach.envelope == 0 ? envelope : std::min(reach.envelope, envelope);
  }
  return reach;
}

std::size_t Attachments::inline_limit(const Reach& reach) {
  return reach.envelope <= around_inlined ? 0 : std::min(wire::max_inlined, reach.envelope - around_inlined);
}

bool Attachments::keeps(const BridgeRow& bridge, std::uint64_t sealed) {
  return bridge.identity.blobs && sealed <= bridge.identity.max_blob;
}

Result<std::uint64_t> Attachments::largest(const ThreadId& id) {
  BUD_TRY(const ThreadRow thread, writable(id));
  BUD_TRY(const Reach reach, this->reach(thread));
  std::uint64_t fits = inline_limit(reach);
  for (const std::string& name : reach.used) {
    // The largest size whose sealed form the bridge takes; that grows with the size.
    std::uint64_t low = fits, high = largest_blob;
    while (low < high) {
      const std::uint64_t middle = low + (high - low + 1) / 2;
      if (keeps(reach.ours.at(name), sealed_blob_size(middle)))
        low = middle;
      else
        high = middle - 1;
    }
    fits = low;
  }
  return fits;
}

// --- Beginning

Result<std::optional<MessageId>> Attachments::find(const ThreadId& thread, const std::string& idempotency_key) {
  std::optional<MessageId> found;
  if (idempotency_key.empty()) return found;
  BUD_TRY(const std::optional<PlaceRow> sent,
          load<PlaceRow>(context_.db(), Table::message_index, key::message_by_idempotency(thread, idempotency_key)));
  if (sent) return std::optional<MessageId>(sent->id);
  BUD_CHECK(each<AttachmentRow>(context_.db(), Table::blobs, {}, [&](std::uint64_t, AttachmentRow& row) {
    if (row.thread == thread && row.idempotency_key == idempotency_key) found = row.id;
    return !found;
  }));
  return found;
}

Result<> Attachments::place(PendingFile& file, const Reach& reach, const crypto::SecretBytes& plain) {
  const std::uint64_t size = file.file.blob.size;
  const std::uint64_t sealed = sealed_blob_size(size);
  for (const std::string& name : reach.used)
    if (size > tiny && keeps(reach.ours.at(name), sealed)) file.bridges.insert(name);
  if (!file.bridges.empty()) return {};
  if (size > inline_limit(reach) || plain.size() != size) return too_large(inline_limit(reach));
  file.file.blob.key = {};
  file.file.blob.inlined.assign(plain.expose().begin(), plain.expose().end());
  return {};
}

Result<MessageId> Attachments::begin(NewAttachment attachment) {
  BUD_TRY(const std::optional<MessageId> before, find(attachment.thread, attachment.idempotency_key));
  if (before) return *before;
  BUD_TRY(const ThreadRow thread, writable(attachment.thread));
  if (attachment.files.empty() || attachment.files.size() > wire::max_files)
    return fail(Errc::malformed, "an attachment has 1 to 16 files");
  if (!valid_text(attachment.caption)) return fail(Errc::malformed, "a text is UTF-8");
  BUD_TRY(const std::vector<AttachmentRow> waiting, all());
  if (waiting.size() >= max_pending) return fail(Errc::busy, "256 files wait to be sent already");
  BUD_TRY(const Reach reach, this->reach(thread));
  AttachmentRow row{context_.random<MessageId>(),
                    attachment.thread,
                    context_.now(),
                    attachment.idempotency_key,
                    {attachment.caption, {}},
                    {},
                    {}};
  for (NewFile& file : attachment.files) {
    if (file.file.name.size() > wire::max_file_name || file.file.media_type.size() > wire::max_media_type ||
        file.file.thumbnail.size() > wire::max_thumbnail)
      return fail(Errc::too_large, "a file's name has at most 255 bytes, its type 127, its thumbnail 8 KiB");
    if (!valid_text(file.file.name) || !valid_text(file.file.media_type))
      return fail(Errc::malformed, "a file's name and type are UTF-8");
    PendingFile pending{std::move(file.staged), std::move(file.file), {}};
    BUD_CHECK(place(pending, reach, file.plain));
    row.files.push_back(std::move(pending));
  }
  const std::size_t room =
      std::min(wire::max_content, std::max<std::size_t>(reach.envelope, around_inlined)) - around_inlined / 2;
  if (inlined_size(row) > room)
    return fail(Errc::too_large, "text and thumbnail leave no room for the file: shorten them");
  const MessageId id = row.id;
  context_.changes.messages.push_back(id);
  BUD_CHECK(go_on(std::move(row)));
  return id;
}

// --- Uploading

Result<std::vector<Upload>> Attachments::uploads(const std::string& bridge) {
  std::vector<std::pair<Time, Upload>> found;
  BUD_CHECK(each<AttachmentRow>(context_.db(), Table::blobs, {}, [&](std::uint64_t, AttachmentRow& row) {
    for (const PendingFile& file : row.files)
      if (row.failed.empty() && file.bridges.contains(bridge))
        found.push_back({row.begun, {row.id, file.staged, sealed_blob_size(file.file.blob.size)}});
    return true;
  }));
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Upload> all;
  for (auto& [begun, upload] : found) all.push_back(std::move(upload));
  return all;
}

Result<std::vector<AttachmentRow>> Attachments::all() {
  std::vector<AttachmentRow> rows;
  BUD_CHECK(each<AttachmentRow>(context_.db(), Table::blobs, {}, [&](std::uint64_t, AttachmentRow& row) {
    rows.push_back(std::move(row));
    return true;
  }));
  return rows;
}

Result<std::optional<AttachmentRow>> Attachments::by_staged(const std::string& staged) {
  std::optional<AttachmentRow> found;
  BUD_CHECK(each<AttachmentRow>(context_.db(), Table::blobs, {}, [&](std::uint64_t, AttachmentRow& row) {
    if (row.find(staged) != nullptr) found = std::move(row);
    return !found;
  }));
  return found;
}

Result<> Attachments::uploaded(const std::string& bridge, const std::string& staged, const std::string& location) {
  BUD_TRY(std::optional<AttachmentRow> row, by_staged(staged));
  PendingFile* const file = row ? row->find(staged) : nullptr;
  if (file == nullptr || !file->bridges.contains(bridge)) return {};
  BUD_TRY(const std::optional<BridgeRow> ours, load<BridgeRow>(context_.db(), Table::bridges, key::text(bridge)));
  if (!ours) return {};
  if (location.empty() || location.size() > max_location || !valid_text(location))
    return refused(bridge, staged, "the bridge does not say where it keeps the file");
  file->bridges.erase(bridge);
  std::vector<std::string>& locations = file->file.blob.locations;
  if (locations.size() < wire::max_locations) locations.push_back(ours->config.kind + ":" + location);
  return go_on(std::move(*row));
}

Result<> Attachments::refused(const std::string& bridge, const std::string& staged, const std::string& why) {
  BUD_TRY(std::optional<AttachmentRow> row, by_staged(staged));
  PendingFile* const file = row ? row->find(staged) : nullptr;
  if (file == nullptr || file->bridges.erase(bridge) == 0) return {};
  if (file->bridges.empty() && file->file.blob.locations.empty()) return give_up(std::move(*row), why);
  return go_on(std::move(*row));
}

// A place by whose kind of bridge a reader can be reached is one that he can fetch from. Who cannot be reached by any
// bridge that keeps the file waits for nobody.
bool Attachments::covered(const PendingFile& file, const Reach& reach) {
  if (file.file.blob.locations.empty()) return !file.file.blob.inlined.empty() || file.file.blob.size == 0;
  std::set<std::string> kinds;
  for (const std::string& location : file.file.blob.locations) kinds.insert(location.substr(0, location.find(':')));
  const auto lacks_it = [&](const std::set<std::string>& reader) {
    bool may_come = false;
    for (const std::string& bridge : reader) {
      if (kinds.contains(reach.ours.at(bridge).config.kind)) return false;
      may_come = may_come || file.bridges.contains(bridge);
    }
    return may_come;
  };
  return std::none_of(reach.readers.begin(), reach.readers.end(), lacks_it);
}

bool Attachments::hopeless(const PendingFile& file, const Reach& reach) {
  return !covered(file, reach) && std::none_of(file.bridges.begin(), file.bridges.end(),
                                               [&](const std::string& bridge) { return reach.ours.contains(bridge); });
}

Result<> Attachments::go_on(AttachmentRow row) {
  BUD_TRY(const std::optional<ThreadRow> thread,
          load<ThreadRow>(context_.db(), Table::threads, key::thread(row.thread)));
  if (!thread) return give_up(std::move(row), "its thread is gone");
  BUD_TRY(const Reach reach, this->reach(*thread));
  bool ready = true;
  for (const PendingFile& file : row.files) {
    if (hopeless(file, reach)) return give_up(std::move(row), "no bridge keeps the file any more");
    ready = ready && covered(file, reach);
  }
  if (ready) return send(std::move(row));
  for (const PendingFile& file : row.files) context_.changes.uploads.insert(file.bridges.begin(), file.bridges.end());
  return save(context_.db(), Table::blobs, key::attachment(row.id), row);
}

Result<> Attachments::send(AttachmentRow row) {
  wire::Attachment attachment{std::move(row.caption), {}};
  for (PendingFile& file : row.files) {
    context_.changes.unstaged.insert(file.staged);
    attachment.files.push_back(std::move(file.file));
  }
  const std::string fallback = fallback_of(attachment);
  BUD_CHECK(context_.db().erase(Table::blobs, key::attachment(row.id)));
  BUD_CHECK(conversations_.say(row.thread, wire::ContentKind::attachment, std::move(attachment),
                               {row.idempotency_key, {}, 0}, fallback, row.id));
  return {};
}

// The message stays, with what became of it, until nobody asks any more; its bytes do not.
Result<> Attachments::give_up(AttachmentRow row, const std::string& why) {
  row.failed = why.empty() || why.size() > max_why || !valid_text(why) ? "the bridge has refused the file" : why;
  for (const PendingFile& file : row.files) context_.changes.unstaged.insert(file.staged);
  context_.changes.messages.push_back(row.id);
  return save(context_.db(), Table::blobs, key::attachment(row.id), row);
}

// --- Later

Result<std::set<std::string>> Attachments::staged() {
  std::set<std::string> names;
  BUD_CHECK(each<AttachmentRow>(context_.db(), Table::blobs, {}, [&](std::uint64_t, AttachmentRow& row) {
    for (const PendingFile& file : row.files)
      if (row.failed.empty() && !file.bridges.empty()) names.insert(file.staged);
    return true;
  }));
  return names;
}

Result<> Attachments::review() {
  BUD_TRY(std::vector<AttachmentRow> rows, all());
  for (AttachmentRow& row : rows)
    if (row.failed.empty() && context_.member()) BUD_CHECK(go_on(std::move(row)));
  return {};
}

Result<> Attachments::expire() {
  BUD_TRY(std::vector<AttachmentRow> rows, all());
  for (AttachmentRow& row : rows) {
    const Duration age = elapsed(row.begun, context_.now());
    if (age >= patience && row.failed.empty()) {
      BUD_CHECK(give_up(std::move(row), "no bridge has taken the file within 30 days"));
    } else if (age >= Duration{patience.ms * 2}) {
      BUD_CHECK(context_.db().erase(Table::blobs, key::attachment(row.id)));
    }
  }
  return {};
}

Result<std::optional<MessageInfo>> Attachments::pending(const MessageId& id) {
  BUD_TRY(const std::optional<AttachmentRow> row,
          load<AttachmentRow>(context_.db(), Table::blobs, key::attachment(id)));
  if (!row) return std::optional<MessageInfo>();
  MessageInfo m;
  m.id = row->id;
  m.thread = row->thread;
  m.author = context_.own.account;
  m.author_device = context_.keys.device();
  m.time = row->begun;
  m.text = row->caption.text;
  m.kind = MessageKind::attachment;
  m.outgoing = true;
  m.pending = true;
  m.failed = row->failed;
  for (const PendingFile& file : row->files) m.files.push_back(file_info(file.file));
  return std::optional<MessageInfo>(std::move(m));
}

}  // namespace bud::core
