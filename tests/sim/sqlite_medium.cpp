#include "crypto/random.h"
#include "sim/disk.h"
#include "store/sqlite_storage.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"

namespace bud::sim {
namespace {

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
    const Files before = read();
    Files left = before;
    if (torn) {
      (void)storage_->commit();
      Files after = read();
      // Frames of a transaction count once its last is whole: cut before that.
      if (after.log.size() > before.log.size()) {
        const std::size_t grown = after.log.size() - before.log.size();
        left.log.assign(after.log.begin(), after.log.begin() + static_cast<std::ptrdiff_t>(before.log.size() + random_.below(grown)));
      }
    } else {
      storage_->rollback();
    }
    close();
    write(left);
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
  static Bytes read_if_there(const std::string& path) { return std::filesystem::exists(path) ? test::read_file(path) : Bytes(); }
  Files read() const { return {read_if_there(scratch_.file("store.db")), read_if_there(scratch_.file("store.db-wal"))}; }
  void close() {
    storage_.reset();
    for (const char* file : {"store.db", "store.db-wal", "store.db-shm"}) std::filesystem::remove(scratch_.file(file));
  }
  void write(const Files& files) const {
    test::write_file(scratch_.file("store.db"), files.main);
    if (!files.log.empty()) test::write_file(scratch_.file("store.db-wal"), files.log);
  }

  test::ScratchFolder scratch_;
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
