#include "fault_vfs.h"

#include <cstring>

namespace bud::test {
namespace {

struct Plan {
  int calls = 0, nth = 0, code = SQLITE_OK;
  bool lasting = false;
} plan;

int refused() {
  ++plan.calls;
  const bool now = plan.nth > 0 && (plan.lasting ? plan.calls >= plan.nth : plan.calls == plan.nth);
  return now ? plan.code : SQLITE_OK;
}

sqlite3_vfs* real = nullptr;
sqlite3_vfs faulty;
const sqlite3_io_methods* real_methods = nullptr;

// The real layer's files are used as they are, but for the calls that write: their table of methods is exchanged.
int write_file(sqlite3_file* file, const void* data, int size, sqlite3_int64 offset) {
  const int code = refused();
  return code != SQLITE_OK ? code : real_methods->xWrite(file, data, size, offset);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const int code = refused();
  return code != SQLITE_OK ? code : real_methods->xTruncate(file, size);
}
int sync_file(sqlite3_file* file, int flags) {
  const int code = refused();
  return code != SQLITE_OK ? code : real_methods->xSync(file, flags);
}

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  const int code = real->xOpen(real, name, file, flags, out_flags);
  if (code != SQLITE_OK || file->pMethods == nullptr) return code;
  // Files that are locked and files that are not have methods of their own; those that matter here are shared by both.
  static sqlite3_io_methods kinds[8];
  static const sqlite3_io_methods* originals[8];
  for (int i = 0; i < 8; ++i) {
    if (originals[i] == nullptr) {
      originals[i] = file->pMethods;
      kinds[i] = *file->pMethods;
      real_methods = file->pMethods;
      kinds[i].xWrite = write_file;
      kinds[i].xTruncate = truncate_file;
      kinds[i].xSync = sync_file;
    }
    if (originals[i] == file->pMethods) {
      file->pMethods = &kinds[i];
      return SQLITE_OK;
    }
  }
  return SQLITE_INTERNAL;
}

}  // namespace

FaultVfs::FaultVfs() {
  real = sqlite3_vfs_find(nullptr);
  faulty = *real;
  faulty.zName = "faulty";
  faulty.pNext = nullptr;
  faulty.xOpen = open_file;
  sqlite3_vfs_register(&faulty, 1);
  heal();
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&faulty);
  sqlite3_vfs_register(real, 1);
}

void FaultVfs::fail(int nth, int code, bool lasting) {
  plan = {0, nth, code, lasting};
}
void FaultVfs::heal() {
  plan = {};
}
int FaultVfs::calls() const {
  return plan.calls;
}

}  // namespace bud::test
