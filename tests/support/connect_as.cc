// SPDX-License-Identifier: Apache-2.0
#include "tests/support/connect_as.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "daemon/base/unique_fd.h"

namespace capmon {

int ConnectAs(const User& user, const std::string& path) {
  int result = -1;
  std::thread([&] {
    // The system calls themselves change one thread; the library's functions change all.
    if (::geteuid() == 0 &&
        (::syscall(SYS_setgroups, user.groups.size(), user.groups.data()) != 0 ||
         ::syscall(SYS_setresgid, user.gid, user.gid, user.gid) != 0 ||
         ::syscall(SYS_setresuid, user.uid, user.uid, user.uid) != 0)) {
      result = -errno;
      return;
    }
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
    UniqueFd socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0) {
      result = -errno;
      return;
    }
    ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
    result = socket.Release();
  }).join();
  return result;
}

}  // namespace capmon
