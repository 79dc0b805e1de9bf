// The C side of the VFS: see the header, and sqlite.org/c3ref/vfs.html.
#include "tests/support/power_loss_disk.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <fstream>

namespace forestage::tests {

namespace {

// What SQLite allocates for an open file: this, and the system's file behind it.
struct shim_file {
  sqlite3_file base;
  power_loss_disk* disk;
  const std::string* path; // null for files that hold nothing that has to last
};

shim_file& shim(sqlite3_file* file) {
  return *reinterpret_cast<shim_file*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(&shim(file) + 1);
}
power_loss_disk::tracked_file* tracked(sqlite3_file* file) {
  return shim(file).path ? &shim(file).disk->tracked(*shim(file).path) : nullptr;
}
sqlite3_vfs* system_vfs() {
  return sqlite3_vfs_find("unix");
}

int close(sqlite3_file* file) {
  const int code = real(file)->pMethods->xClose(real(file));
  delete shim(file).path;
  return code;
}

int read(sqlite3_file* file, void* bytes, int count, sqlite3_int64 offset) {
  return real(file)->pMethods->xRead(real(file), bytes, count, offset);
}

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  auto* known = tracked(file);
  auto& disk = *shim(file).disk;
  if (known) {
    if (disk.before_operation) disk.before_operation();
    const auto end = static_cast<std::uint64_t>(offset + count);
    if (end > known->size && disk.used_bytes() + end - known->size > disk.capacity_bytes) return SQLITE_FULL;
    known->size = std::max(known->size, end);
    known->pending.push_back({static_cast<std::uint64_t>(offset),
                              {static_cast<const char*>(bytes), static_cast<std::size_t>(count)},
                              false});
  }
  return real(file)->pMethods->xWrite(real(file), bytes, count, offset);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  if (auto* known = tracked(file)) {
    known->size = static_cast<std::uint64_t>(size);
    known->pending.push_back({known->size, {}, true});
  }
  return real(file)->pMethods->xTruncate(real(file), size);
}

void apply(std::string& content, const power_loss_disk::disk_write& change) {
  if (change.truncates) return content.resize(change.offset);
  content.resize(std::max(content.size(), change.offset + change.bytes.size()));
  content.replace(change.offset, change.bytes.size(), change.bytes);
}

// The system's sync is left out: nobody cuts this machine's power, and it is slow.
int sync(sqlite3_file* file, int) {
  auto* known = tracked(file);
  if (!known) return SQLITE_OK;
  auto& disk = *shim(file).disk;
  if (disk.before_operation) disk.before_operation();
  if (disk.refuse_syncs > 0) {
    --disk.refuse_syncs;
    return SQLITE_IOERR_FSYNC;
  }
  for (const auto& change : known->pending)
    apply(known->synced, change);
  known->pending.clear();
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real(file)->pMethods->xFileSize(real(file), size);
}
int lock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xLock(real(file), level);
}
int unlock(sqlite3_file* file, int level) {
  return real(file)->pMethods->xUnlock(real(file), level);
}
int check_reserved_lock(sqlite3_file* file, int* answer) {
  return real(file)->pMethods->xCheckReservedLock(real(file), answer);
}
int file_control(sqlite3_file* file, int operation, void* argument) {
  return real(file)->pMethods->xFileControl(real(file), operation, argument);
}
int sector_size(sqlite3_file* file) {
  return real(file)->pMethods->xSectorSize(real(file));
}
int device_characteristics(sqlite3_file* file) {
  return real(file)->pMethods->xDeviceCharacteristics(real(file));
}
int shm_map(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return real(file)->pMethods->xShmMap(real(file), page, size, extend, memory);
}
int shm_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real(file)->pMethods->xShmLock(real(file), offset, count, flags);
}
void shm_barrier(sqlite3_file* file) {
  real(file)->pMethods->xShmBarrier(real(file));
}
int shm_unmap(sqlite3_file* file, int remove) {
  return real(file)->pMethods->xShmUnmap(real(file), remove);
}

// Version 2: without memory-mapped reads and writes, which would go around the shim.
const sqlite3_io_methods methods{2,
                                 close,
                                 read,
                                 write,
                                 truncate,
                                 sync,
                                 file_size,
                                 lock,
                                 unlock,
                                 check_reserved_lock,
                                 file_control,
                                 sector_size,
                                 device_characteristics,
                                 shm_map,
                                 shm_lock,
                                 shm_barrier,
                                 shm_unmap,
                                 nullptr,
                                 nullptr};

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* out_flags) {
  auto& opened = shim(file);
  opened.base.pMethods = nullptr;
  opened.disk = static_cast<power_loss_disk*>(vfs->pAppData);
  opened.path = nullptr;
  const int code = system_vfs()->xOpen(system_vfs(), path, real(file), flags, out_flags);
  if (code != SQLITE_OK) return code;
  opened.base.pMethods = &methods;
  if (path && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)))
    opened.path = new std::string{path};
  return SQLITE_OK;
}

int remove(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  static_cast<power_loss_disk*>(vfs->pAppData)->forget(path);
  return system_vfs()->xDelete(system_vfs(), path, sync_directory);
}

void put_torn(std::string& content, const power_loss_disk::disk_write& change, std::mt19937_64& engine) {
  constexpr std::uint64_t sector = 512;
  const auto end = change.offset + change.bytes.size();
  for (auto start = change.offset; start < end;) {
    const auto stop = std::min(end, (start / sector + 1) * sector);
    if (engine() % 2 == 0)
      apply(content, {start, change.bytes.substr(start - change.offset, stop - start), false});
    start = stop;
  }
}

} // namespace

struct power_loss_disk::registration {
  sqlite3_vfs vfs;
};

power_loss_disk::power_loss_disk()
    : registered_(new registration{*system_vfs()}) {
  static int made = 0;
  name_ = "power-loss-" + std::to_string(++made);
  auto& vfs = registered_->vfs;
  vfs.szOsFile += static_cast<int>(sizeof(shim_file));
  vfs.pNext = nullptr;
  vfs.zName = name_.c_str();
  vfs.pAppData = this;
  vfs.xOpen = open;
  vfs.xDelete = remove;
  sqlite3_vfs_register(&vfs, 0);
}

power_loss_disk::~power_loss_disk() {
  sqlite3_vfs_unregister(&registered_->vfs);
  delete registered_;
}

std::uint64_t power_loss_disk::used_bytes() const {
  std::uint64_t sum = 0;
  for (const auto& [path, file] : files_)
    sum += file.size;
  return sum;
}

std::uint64_t power_loss_disk::unsynced_writes(const std::string& name) const {
  std::uint64_t sum = 0;
  for (const auto& [path, file] : files_)
    if (std::filesystem::path{path}.filename() == name) sum += file.pending.size();
  return sum;
}

void power_loss_disk::image(const std::filesystem::path& directory, std::mt19937_64& engine) const {
  for (const auto& [path, file] : files_) {
    auto content = file.synced;
    // How much of the cache reached the disk differs from one loss to the next: nearly all, half, hardly
    // anything.
    const auto kept = engine() % 4;
    for (const auto& change : file.pending) {
      const auto fate = engine() % 4;
      if (fate < kept)
        apply(content, change);
      else if (fate == 3 && !change.truncates)
        put_torn(content, change, engine);
    }
    std::ofstream out{directory / std::filesystem::path{path}.filename(), std::ios::binary};
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
  }
}

} // namespace forestage::tests
