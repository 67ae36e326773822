// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/syslog_transport.h"

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "daemon/sink/syslog_message.h"

namespace capmon {
namespace {

// The error of an earlier datagram, as "port unreachable" from the receiver's machine.
int PendingError(int fd) {
  int error = 0;
  socklen_t size = sizeof(error);
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : 0;
}

}  // namespace

SyslogTransport::SyslogTransport(const SyslogTarget& target, AlertFormat format,
                                 const Sensor& sensor)
    : target_(target), format_(format), sensor_(sensor) {}

absl::Status SyslogTransport::Reopen() {
  connect_again_ = true;
  return absl::OkStatus();
}

std::string SyslogTransport::Message(const FeedMessage& message) const {
  return SyslogMessage(target_, sensor_, message, EncodeAlert(format_, message, sensor_));
}

SendResult SyslogTransport::Send(const std::vector<FeedMessage>& batch, std::stop_token stop) {
  if (connect_again_.exchange(false)) {
    connection_.reset();
    datagrams_.Reset();
  }
  if (target_.protocol == SyslogTarget::Protocol::kUdp) return SendDatagrams(batch);
  SendResult result;
  result.status = SendStream(batch, stop);
  // The whole batch is sent again, over a new connection: frames may have been cut.
  if (!result.status.ok()) connection_.reset();
  result.settled = result.status.ok() ? batch.size() : 0;
  return result;
}

absl::Status SyslogTransport::SendStream(const std::vector<FeedMessage>& batch,
                                         std::stop_token stop) {
  // A receiver may close an idle connection: that is no failure.
  if (connection_ && !connection_->CheckOpen().ok()) connection_.reset();
  if (!connection_) {
    const bool tls = target_.protocol == SyslogTarget::Protocol::kTls;
    auto opened =
        StreamConnection::Open(target_.host, target_.port, tls ? &target_.tls : nullptr, stop);
    if (!opened.ok()) return opened.status();
    connection_ = *std::move(opened);
  }
  return SendOver(*connection_, batch, stop);
}

absl::Status SyslogTransport::SendOver(StreamConnection& connection,
                                       const std::vector<FeedMessage>& batch,
                                       std::stop_token stop) const {
  for (const FeedMessage& message : batch)
    if (absl::Status status = connection.Write(OctetCounted(Message(message)), stop); !status.ok())
      return status;
  return connection.AwaitReceipt(stop);
}

absl::Status SyslogTransport::OpenDatagrams() {
  if (datagrams_) return absl::OkStatus();
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const std::string where = absl::StrCat("udp://", target_.host, ":", target_.port);
  if (const int error =
          ::getaddrinfo(target_.host.c_str(), absl::StrCat(target_.port).c_str(), &hints, &found);
      error != 0)
    return absl::UnavailableError(absl::StrCat("find ", where, ": ", ::gai_strerror(error)));
  int failure = ECONNREFUSED;
  for (const addrinfo* one = found; one != nullptr && !datagrams_; one = one->ai_next) {
    UniqueFd fd(::socket(one->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (fd && ::connect(fd.get(), one->ai_addr, one->ai_addrlen) == 0)
      datagrams_ = std::move(fd);
    else
      failure = errno;
  }
  ::freeaddrinfo(found);
  return datagrams_ ? absl::OkStatus()
                    : absl::UnavailableError(
                          absl::StrCat("send to ", where, ": ", std::strerror(failure)));
}

SendResult SyslogTransport::SendDatagrams(const std::vector<FeedMessage>& batch) {
  SendResult result;
  result.status = OpenDatagrams();
  if (!result.status.ok()) return result;
  int error = 0;
  for (const FeedMessage& message : batch) {
    const std::string text = Message(message);
    const ssize_t sent = ::send(datagrams_.get(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EMSGSIZE)
      result.refused.emplace_back(result.settled,
                                  absl::StrCat(text.size(), " bytes are too many for a datagram"));
    else if (sent < 0 && (error = errno) != 0)
      break;
    ++result.settled;
  }
  if (error == 0) error = PendingError(datagrams_.get());
  if (error == 0) return result;
  datagrams_.Reset();  // the name may have another address now
  result = {};
  result.status = absl::UnavailableError(
      absl::StrCat("send to udp://", target_.host, ":", target_.port, ": ", std::strerror(error)));
  return result;
}

}  // namespace capmon
