#include "service/file_sender.h"

#include <sys/epoll.h>

namespace bud::service {
namespace {

constexpr std::size_t most_at_once = 8;
constexpr Duration patience = minutes(1);

}  // namespace

FileSender::~FileSender() {
  for (auto& [id, job] : std::exchange(jobs_, {})) {
    if (id != syncing_) staging_.give_up(job->name);  // that one is found, and not needed, at the next start
    job->done(fail(Errc::locked, "the vault was locked meanwhile"));
  }
}

void FileSender::send(UniqueFd source, Request request, Done done) {
  if (jobs_.size() >= most_at_once) return done(fail(Errc::busy, "eight files are being read already: try again soon"));
  const Result<std::optional<MessageId>> before = engine_.find_sent(request.thread, request.idempotency_key);
  if (!before) return done(tl::unexpected(before.error()));
  if (*before) return done(**before);
  const std::uint64_t id = next_++;
  const auto job = std::make_shared<Job>();
  job->request = std::move(request);
  job->done = std::move(done);
  jobs_[id] = job;
  Result<> begun = begin(std::move(source), *job);
  if (begun) begun = plan(id, blobs::Sealer::Step::more);
  if (!begun) end(id, forward(begun));
}

Result<> FileSender::begin(UniqueFd source, Job& job) {
  BUD_TRY(const std::uint64_t limit, engine_.largest_file(job.request.thread));
  Fixed<struct StagedTag, 16> drawn;
  random_.fill(drawn.bytes);
  job.name = to_hex(drawn.view());
  random_.fill(job.key.expose_mutable());
  BUD_TRY(UniqueFd target, staging_.create(job.name));
  BUD_TRY(job.sealer, blobs::Sealer::begin(std::move(source), std::move(target), job.key.clone(), limit));
  return {};
}

Result<> FileSender::plan(std::uint64_t id, blobs::Sealer::Step after) {
  Job& job = *jobs_.at(id);
  if (after == blobs::Sealer::Step::more) {
    job.patience.reset();
    BUD_TRY(job.turn, event_.defer([this, id] { step(id); }));
    return {};
  }
  BUD_TRY(job.turn, event_.io(job.sealer->source(), EPOLLIN, [this, id](std::uint32_t) { step(id); }));
  BUD_TRY(job.patience, event_.after(patience, [this, id] {
    end(id, fail(Errc::malformed, "the file did not come to its end: nothing came for a minute"));
  }));
  return {};
}

void FileSender::step(std::uint64_t id) {
  const std::shared_ptr<Job> job = jobs_.at(id);
  job->turn.reset();  // a descriptor is registered once
  job->patience.reset();
  const Result<blobs::Sealer::Step> step = job->sealer->step();
  if (!step) return end(id, tl::unexpected(step.error()));
  if (*step == blobs::Sealer::Step::done) {
    sealed_.push_back(id);
    return sync_next();
  }
  if (const Result<> planned = plan(id, *step); !planned) end(id, tl::unexpected(planned.error()));
}

void FileSender::sync_next() {
  if (syncing_ || sealed_.empty()) return;
  const std::uint64_t id = sealed_.front();
  sealed_.pop_front();
  const std::shared_ptr<Job> job = jobs_.at(id);
  auto write = staging_.finish(job->name, job->sealer->target());
  Result<> started = write
                         ? background_.run([job, write = *write] { job->synced = write(); }, [this, id] { synced(id); })
                         : forward(write);
  if (started) {
    syncing_ = id;
    return;
  }
  end(id, forward(started));
  sync_next();
}

void FileSender::synced(std::uint64_t id) {
  syncing_.reset();
  const std::shared_ptr<Job> job = jobs_.at(id);
  Result<MessageId> sent = fail(Errc::storage, "");
  if (job->synced) {
    core::NewFile file{job->name, std::move(job->request.file), job->sealer->take_plain()};
    file.file.blob.key = *wire::BlobKey::from(job->key.expose());
    file.file.blob.size = job->sealer->size();
    file.file.blob.hash = job->sealer->hash();
    core::NewAttachment attachment{job->request.thread, job->request.caption, job->request.idempotency_key, {}};
    attachment.files.push_back(std::move(file));
    sent = engine_.begin_attachment(std::move(attachment));
  } else {
    sent = tl::unexpected(job->synced.error());
  }
  if (!sent) staging_.drop_sent(job->name);
  end(id, sent);
  sync_next();
}

void FileSender::end(std::uint64_t id, const Result<MessageId>& result) {
  const auto job = jobs_.extract(id);
  if (job.empty()) return;
  if (!result && !job.mapped()->name.empty()) staging_.give_up(job.mapped()->name);
  job.mapped()->done(result);
}

}  // namespace bud::service
