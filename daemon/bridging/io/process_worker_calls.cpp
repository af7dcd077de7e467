// What a worker is asked: org.budstikke.Bridge1.
#include "bridging/io/process_worker.h"
#include "bus/error.h"

namespace bud::bridging {
namespace {

const bus::Target the_worker{"", "/org/budstikke/Bridge1", "org.budstikke.Bridge1"};
constexpr std::size_t max_text = 4096;
constexpr std::size_t max_name = 255;
constexpr std::size_t max_records = 1000;
constexpr std::size_t max_listing = 4 * 1024 * 1024;
constexpr std::size_t max_location = 480;
constexpr std::uint64_t max_blob = std::uint64_t{1} << 48;
// The worker keeps the time itself. When this has passed too it hangs.
constexpr Duration grace = seconds(10);

Result<Answer> read_answer(bus::Reader& out) {
  Answer answer;
  BUD_TRY(answer.status, out.u32());
  BUD_TRY(const std::uint32_t retry_after, out.u32());
  BUD_TRY(answer.words, out.string(max_text));
  answer.retry_after = {std::min<std::uint64_t>(retry_after, days(1).ms)};
  if (answer.status > BUD_INVALID) answer.status = BUD_UNKNOWN_OUTCOME;
  return answer;
}

// A worker that says nothing of a limit, or zero, means the least that any bridge must carry.
Result<std::uint32_t> limit(const bus::Dict& capabilities, std::string_view name, std::uint32_t least,
                            std::uint32_t most) {
  BUD_TRY(const std::uint32_t said, bus::get_or(capabilities, name, least));
  return said == 0 ? least : std::min(said, most);
}

Result<Identity> read_identity(bus::Reader& out) {
  Identity identity;
  BUD_TRY(identity.core.address, out.string(max_name));
  BUD_TRY(identity.core.device, out.string(max_name));
  BUD_TRY(const bus::Dict capabilities, out.dict());
  BUD_TRY(identity.core.max_envelope, limit(capabilities, "max_envelope", 16 * 1024, 1024 * 1024));
  BUD_TRY(identity.core.max_batch, limit(capabilities, "max_batch", 1, 1000));
  BUD_TRY(identity.max_batch_bytes,
          limit(capabilities, "max_batch_bytes", identity.core.max_envelope, 8 * 1024 * 1024));
  BUD_TRY(identity.max_record, limit(capabilities, "max_record", 16 * 1024, 1024 * 1024));
  BUD_TRY(const std::uint64_t blob, bus::get_or<std::uint64_t>(capabilities, "max_blob", 0));
  identity.core.max_blob = std::min(blob, max_blob);
  identity.core.blobs = blob > 0;
  return identity;
}

void write_timeout(bus::Writer& out, Duration timeout) {
  out.u32(static_cast<std::uint32_t>(timeout.ms));
}

}  // namespace

// `read` takes the answer apart and passes it on. An answer that does not come, or makes no sense, ends the worker.
void ProcessWorker::call(const char* member, const bus::Bus::Write& write, Duration timeout,
                         std::function<Result<>(bus::Reader&)> read) {
  const std::uint64_t id = next_++;
  auto slot = bus_->call_async(the_worker, member, write, {timeout.ms + grace.ms},
                               [this, id, member, read = std::move(read)](const Result<bus::Message>& answer) {
                                 const bus::Slot own = std::move(calls_[id]);
                                 calls_.erase(id);
                                 const std::string name = member;
                                 if (!answer) return kill(name + " failed: " + answer.error().text);
                                 bus::Reader out(*answer);
                                 if (const Result<> understood = read(out); !understood)
                                   kill("The worker's answer to " + name + " makes no sense");
                               });
  if (!slot) return kill(std::string(member) + " could not be called: " + slot.error().text);
  calls_[id] = std::move(*slot);
}

void ProcessWorker::configure(const std::string& json, const State& state, Duration timeout,
                              std::function<void(Answer, Identity)> done) {
  const auto write = [&](bus::Writer& out) {
    out.string(json).open('a', "(say)");
    for (const auto& [key, value] : state) out.open('r', "say").string(key).bytes(value).close();
    out.close();
    write_timeout(out, timeout);
  };
  call("Configure", write, timeout, [done = std::move(done)](bus::Reader& out) -> Result<> {
    BUD_TRY(Answer answer, read_answer(out));
    BUD_TRY(Identity identity, read_identity(out));
    if (answer.status == BUD_OK && (identity.core.address.empty() || identity.core.device.empty()))
      return fail(Errc::malformed, "A bridge without address or device");
    done(std::move(answer), std::move(identity));
    return {};
  });
}

void ProcessWorker::publish(const core::Publication& publication, Duration timeout, std::function<void(Answer)> done) {
  const auto write = [&](bus::Writer& out) {
    out.string(publication.address).string(publication.device).bytes(publication.record);
    write_timeout(out, timeout);
  };
  call("Publish", write, timeout, [done = std::move(done)](bus::Reader& out) -> Result<> {
    BUD_TRY(Answer answer, read_answer(out));
    done(std::move(answer));
    return {};
  });
}

void ProcessWorker::lookup(const std::string& address, Duration timeout,
                           std::function<void(Answer, std::vector<Bytes>)> done) {
  const auto write = [&](bus::Writer& out) {
    out.string(address);
    write_timeout(out, timeout);
  };
  call("Lookup", write, timeout, [done = std::move(done)](bus::Reader& out) -> Result<> {
    BUD_TRY(Answer answer, read_answer(out));
    std::vector<Bytes> records;
    std::size_t total = 0;
    BUD_CHECK(out.array("ay", max_records, [&]() -> Result<> {
      BUD_TRY(const ByteView record, out.byte_view(max_listing));
      total += record.size();
      if (total > max_listing) return fail(Errc::too_large, "The records are over 4 MiB");
      records.emplace_back(record.begin(), record.end());
      return {};
    }));
    done(std::move(answer), std::move(records));
    return {};
  });
}

void ProcessWorker::push(std::span<const core::OutboxItem> items, Duration timeout,
                         std::function<void(Answer, std::vector<bud_status>)> done) {
  const auto write = [&](bus::Writer& out) {
    out.open('a', "(tssuuay)");
    for (const core::OutboxItem& item : items) {
      out.open('r', "tssuuay").u64(item.id).string(item.address).string(item.device);
      out.u32(item.message_class).u32(item.ttl).bytes(item.envelope).close();
    }
    out.close();
    write_timeout(out, timeout);
  };
  call("Push", write, timeout, [count = items.size(), done = std::move(done)](bus::Reader& out) -> Result<> {
    BUD_TRY(Answer answer, read_answer(out));
    std::vector<bud_status> statuses;
    BUD_CHECK(out.array("u", count, [&]() -> Result<> {
      BUD_TRY(const bud_status status, out.u32());
      statuses.push_back(status > BUD_INVALID ? bud_status{BUD_UNKNOWN_OUTCOME} : status);
      return {};
    }));
    if (answer.status == BUD_PARTIAL)
      statuses.resize(count, BUD_UNKNOWN_OUTCOME);
    else
      statuses.assign(count, answer.status);
    done(std::move(answer), std::move(statuses));
    return {};
  });
}

void ProcessWorker::put_blob(const BlobPut& blob, Duration timeout, std::function<void(Answer, BlobPutState)> done) {
  const auto write = [&](bus::Writer& out) {
    out.string(blob.name).fd(blob.source).u64(blob.total);
    write_timeout(out, timeout);
  };
  call("PutBlob", write, timeout, [total = blob.total, done = std::move(done)](bus::Reader& out) -> Result<> {
    BUD_TRY(Answer answer, read_answer(out));
    BlobPutState state;
    BUD_TRY(state.done, out.u64());
    BUD_TRY(state.location, out.string(max_location));
    // It has it all when it says where, and not before.
    if (answer.status != BUD_OK) state = {};
    if (state.done > total || (!state.location.empty() && state.done != total))
      return fail(Errc::malformed, "A blob that is larger than itself, or whole too early");
    done(std::move(answer), std::move(state));
    return {};
  });
}

void ProcessWorker::get_blob(const BlobGet& blob, Duration timeout, std::function<void(Answer, BlobGetState)> done) {
  const auto write = [&](bus::Writer& out) {
    out.string(blob.location).fd(blob.target).u64(blob.offset).u64(blob.limit);
    write_timeout(out, timeout);
  };
  call("GetBlob", write, timeout,
       [most = blob.limit - blob.offset, done = std::move(done)](bus::Reader& out) -> Result<> {
         BUD_TRY(Answer answer, read_answer(out));
         BlobGetState state;
         BUD_TRY(state.added, out.u64());
         BUD_TRY(state.end, out.boolean());
         if (answer.status != BUD_OK) state = {};
         if (state.added > most) return fail(Errc::malformed, "More than was asked for");
         done(std::move(answer), state);
         return {};
       });
}

void ProcessWorker::ack(ByteView cursor) {
  call(
      "Ack", [&](bus::Writer& out) { out.bytes(cursor); }, seconds(60), [](bus::Reader&) { return Result<>(); });
}

}  // namespace bud::bridging
