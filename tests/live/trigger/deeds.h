// SPDX-License-Identifier: Apache-2.0
// The actions of trigger. Each needs exactly the capability in its name and causes no other check,
// except the kernel's for memory overcommit.
#pragma once

#include <errno.h>
#include <unistd.h>

#define STRANGER 1000  // a user that is not us

// 0, or -1 with errno set. Where a second turn would need no second check, the deed undoes itself.
struct deed {
  const char* name;
  int (*run)(int turn);  // turns count up from 0
};

// Each ends with a null name.
extern const struct deed kFilesDeeds[], kProcessesDeeds[], kNetworkDeeds[], kKernelDeeds[];

// What the other user's process does until its input ends; the exit code.
int Sleep(void);

// Closes without losing what a refused call left in errno.
static inline int Closing(int fd, int result) {
  const int error = errno;
  close(fd);
  errno = error;
  return result;
}

// For deeds that are done once the file descriptor is there.
static inline int Close(int fd) { return fd < 0 ? -1 : close(fd); }
