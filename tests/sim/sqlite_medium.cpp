#include "crypto/random.h"
#include "sim/disk.h"
#include "store/sqlite_storage.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"

namespace bud::sim {
namespace {

namespace fs = std::filesystem;

crypto::Secret<32> master() {
  crypto::Secret<32> key;
  for (std::uint8_t& b : key.expose_mutable()) b = 7;
  return key;
}

// The shipped store, on real files. A process that dies leaves what the files held at that moment; torn: with only a
// part of what the transaction would have appended to the log.
class SqliteMedium final : public Medium {
 public:
  SqliteMedium(std::uint64_t seed, std::size_t device)
      : arena_(std::move(*crypto::Arena::create())), random_(seed * 64 + device) {
    reopen();
  }

  core::Storage& storage() override { return *storage_; }

  void die(bool torn) override {
    const std::string left_db = db_ + ".left", left_log = log_ + ".left";
    copy(db_, left_db);
    copy(log_, left_log);
    if (torn) {
      const std::uintmax_t before = size_of(log_);
      (void)storage_->commit();
      // Frames of a transaction count once its last is whole: cut before that.
      if (const std::uintmax_t after = size_of(log_); after > before) {
        copy(log_, left_log);
        fs::resize_file(left_log, before + random_.below(after - before));
      }
    } else {
      storage_->rollback();
    }
    close();
    fs::rename(left_db, db_);
    if (fs::exists(left_log)) fs::rename(left_log, log_);
  }

  void reopen() override {
    folder_.reset();
    auto folder = store::StateFolder::open(scratch_.path());
    if (!folder) throw std::runtime_error(folder.error().text);
    folder_.emplace(std::move(*folder));
    auto opened = store::SqliteStorage::open(*folder_, master(), store::SqliteStorage::IfMissing::create, *arena_, random_);
    if (!opened) throw std::runtime_error("the simulated store does not open: " + opened.error().text);
    storage_ = std::move(*opened);
  }

  Snapshot snapshot() override { return std::make_shared<const Files>(read()); }
  void restore(const Snapshot& snapshot) override {
    close();
    write(*std::static_pointer_cast<const Files>(snapshot));
  }
  Bytes visible() override {
    Files files = read();
    append(files.main, files.log);
    return std::move(files.main);
  }

 private:
  struct Files {
    Bytes main, log;
  };
  static std::uintmax_t size_of(const std::string& path) { return fs::exists(path) ? fs::file_size(path) : 0; }
  static void copy(const std::string& from, const std::string& to) {
    if (fs::exists(from)) fs::copy_file(from, to, fs::copy_options::overwrite_existing);
  }
  static Bytes read_if_there(const std::string& path) { return fs::exists(path) ? test::read_file(path) : Bytes(); }
  Files read() const { return {read_if_there(db_), read_if_there(log_)}; }
  void close() {
    storage_.reset();
    for (const std::string& file : {db_, log_, db_ + "-shm"}) fs::remove(file);
  }
  void write(const Files& files) const {
    test::write_file(db_, files.main);
    if (!files.log.empty()) test::write_file(log_, files.log);
  }

  test::ScratchFolder scratch_;
  const std::string db_ = scratch_.file("store.db"), log_ = db_ + "-wal";
  std::unique_ptr<crypto::Arena> arena_;
  test::SeededRandom random_;
  std::optional<store::StateFolder> folder_;
  std::unique_ptr<store::SqliteStorage> storage_;
};

}  // namespace

std::unique_ptr<Medium> sqlite_medium(std::uint64_t seed, std::size_t device) {
  return std::make_unique<SqliteMedium>(seed, device);
}

}  // namespace bud::sim
