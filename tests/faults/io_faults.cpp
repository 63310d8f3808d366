// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/io_faults.h"

#include <sqlite3.h>

#include <mutex>
#include <new>

namespace tests::faults {
namespace {

struct Plan {
  std::mutex mutex;
  bool armed = false, has_struck = false;
  IoKind kind = IoKind::write_error;
  int left = 0;
};
Plan& plan() {
  static Plan one;
  return one;
}

// What this call is to fail with, SQLITE_OK if it is not.
int fault(bool reads, bool writes) {
  const std::lock_guard lock(plan().mutex);
  Plan& p = plan();
  const bool counts = p.kind == IoKind::read_error  ? reads
                      : p.kind == IoKind::disk_full ? writes
                                                    : !reads;
  if (!p.armed || p.has_struck || !counts || --p.left > 0) return SQLITE_OK;
  p.has_struck = true;
  if (p.kind == IoKind::disk_full) return SQLITE_FULL;
  return reads ? SQLITE_IOERR_READ : writes ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC;
}

// Ours, with SQLite's own behind it in the same piece of memory.
struct File : sqlite3_file {
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};
File* file_of(sqlite3_file* f) { return static_cast<File*>(f); }
sqlite3_file* real_of(sqlite3_file* f) { return file_of(f)->real(); }

int on_close(sqlite3_file* f) { return real_of(f)->pMethods->xClose(real_of(f)); }
int on_read(sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
  if (const int error = fault(true, false)) return error;
  return real_of(f)->pMethods->xRead(real_of(f), to, size, at);
}
int on_write(sqlite3_file* f, const void* from, int size, sqlite3_int64 at) {
  if (const int error = fault(false, true)) return error;
  return real_of(f)->pMethods->xWrite(real_of(f), from, size, at);
}
int on_truncate(sqlite3_file* f, sqlite3_int64 size) {
  if (const int error = fault(false, false)) return error;
  return real_of(f)->pMethods->xTruncate(real_of(f), size);
}
int on_sync(sqlite3_file* f, int flags) {
  if (const int error = fault(false, false)) return error;
  return real_of(f)->pMethods->xSync(real_of(f), flags);
}
int on_size(sqlite3_file* f, sqlite3_int64* size) {
  return real_of(f)->pMethods->xFileSize(real_of(f), size);
}
int on_lock(sqlite3_file* f, int lock) { return real_of(f)->pMethods->xLock(real_of(f), lock); }
int on_unlock(sqlite3_file* f, int lock) { return real_of(f)->pMethods->xUnlock(real_of(f), lock); }
int on_check_lock(sqlite3_file* f, int* held) {
  return real_of(f)->pMethods->xCheckReservedLock(real_of(f), held);
}
int on_control(sqlite3_file* f, int op, void* arg) {
  return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}
int on_sector(sqlite3_file* f) { return real_of(f)->pMethods->xSectorSize(real_of(f)); }
int on_device(sqlite3_file* f) { return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f)); }
int on_shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** at) {
  return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, at);
}
int on_shm_lock(sqlite3_file* f, int offset, int n, int flags) {
  return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}
void on_shm_barrier(sqlite3_file* f) { real_of(f)->pMethods->xShmBarrier(real_of(f)); }
int on_shm_unmap(sqlite3_file* f, int remove) {
  return real_of(f)->pMethods->xShmUnmap(real_of(f), remove);
}

const sqlite3_io_methods methods = {
    2,           on_close,       on_read,       on_write,   on_truncate, on_sync,   on_size,
    on_lock,     on_unlock,      on_check_lock, on_control, on_sector,   on_device, on_shm_map,
    on_shm_lock, on_shm_barrier, on_shm_unmap,  nullptr,    nullptr};

sqlite3_vfs* real_vfs() {
  static sqlite3_vfs* const found = sqlite3_vfs_find("unix");
  return found;
}

int on_open(sqlite3_vfs*, const char* name, sqlite3_file* memory, int flags, int* out) {
  File* file = new (memory) File;
  file->pMethods = nullptr;
  const int result = real_vfs()->xOpen(real_vfs(), name, file->real(), flags, out);
  if (file->real()->pMethods != nullptr) file->pMethods = &methods;
  return result;
}

}  // namespace

void put_under_sqlite() {
  static sqlite3_vfs ours;
  if (ours.zName != nullptr) return;
  ours = *real_vfs();
  ours.zName = "tests-faults";
  ours.szOsFile += static_cast<int>(sizeof(File));
  ours.xOpen = on_open;
  sqlite3_vfs_register(&ours, 1);
}

void arm_io(IoKind kind, int nth) {
  const std::lock_guard lock(plan().mutex);
  plan().armed = true;
  plan().has_struck = false;
  plan().kind = kind;
  plan().left = nth;
}

bool disarm_io() {
  const std::lock_guard lock(plan().mutex);
  plan().armed = false;
  return plan().has_struck;
}

}  // namespace tests::faults
