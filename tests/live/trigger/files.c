// SPDX-License-Identifier: Apache-2.0
// Deeds upon files.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "tests/live/trigger/deeds.h"

#define ROOTS_FILE "/srv/roots"      // 0:0 0644
#define SHUT_FILE "/srv/shut"        // 0:0 0000
#define FOREIGN_FILE "/srv/foreign"  // 1000:1000 0644
#define SET_ID_FILE "/srv/set_id"    // 0:0 04755

static int Chown(int turn) { return chown(ROOTS_FILE, STRANGER + turn, -1); }

static int DacOverride(int turn) {
  (void)turn;
  return Close(open(SHUT_FILE, O_WRONLY));
}

static int DacReadSearch(int turn) {
  (void)turn;
  return Close(open(SHUT_FILE, O_RDONLY));
}

// Setting explicit times, unlike chmod(2), needs nothing but ownership.
static int Fowner(int turn) {
  const struct timespec times[2] = {{.tv_sec = turn}, {.tv_sec = turn}};
  return utimensat(AT_FDCWD, FOREIGN_FILE, times, 0);
}

// Without the capability the write succeeds and silently takes the set-user-ID bit away.
static int Fsetid(int turn) {
  struct stat status;
  (void)turn;
  const int fd = open(SET_ID_FILE, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const bool written = write(fd, "x", 1) == 1 && fstat(fd, &status) == 0;
  close(fd);
  errno = EPERM;
  return written && status.st_mode & S_ISUID ? 0 : -1;
}

static int Mknod(int turn) {
  (void)turn;
  if (mknod("/srv/node", S_IFCHR | 0600, makedev(1, 3)) != 0) return -1;
  return unlink("/srv/node");
}

static int Lease(int turn) {
  (void)turn;
  const int fd = open(FOREIGN_FILE, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return -1;
  const int result = fcntl(fd, F_SETLEASE, F_RDLCK);
  return Closing(fd, result);
}

static int Setfcap(int turn) {
  const struct vfs_cap_data value = {.magic_etc = VFS_CAP_REVISION_2,
                                     .data = {{.permitted = 1 << CAP_KILL}}};
  (void)turn;
  return setxattr(ROOTS_FILE, "security.capability", &value, sizeof(value), 0);
}

static int SysChroot(int turn) {
  (void)turn;
  return chroot("/");
}

const struct deed kFilesDeeds[] = {
    {"CHOWN", Chown},
    {"DAC_OVERRIDE", DacOverride},
    {"DAC_READ_SEARCH", DacReadSearch},
    {"FOWNER", Fowner},
    {"FSETID", Fsetid},
    {"MKNOD", Mknod},
    {"LEASE", Lease},
    {"SETFCAP", Setfcap},
    {"SYS_CHROOT", SysChroot},
    {NULL, NULL},
};
