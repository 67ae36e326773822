// SPDX-License-Identifier: Apache-2.0
// Hostile clients of both sockets: thousands of connections that say nothing, garbage, and readers
// that do not read. Others are answered meanwhile.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>

#include "daemon/base/unique_fd.h"
#include "generated/build_paths.h"
#include "tests/e2e/sample_recording.h"
#include "tests/support/capmon_daemon.h"
#include "tests/support/connect_as.h"
#include "tests/support/temp_dir.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;

constexpr int kHalfOpen = 5000;  // on each socket
constexpr uid_t kMallory = 65501;
const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// A port that was free just now.
int FreePort() {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    return 0;
  return ntohs(address.sin_port);
}

UniqueFd ConnectByTcp(int port) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0)
    return UniqueFd();
  ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
  return socket;
}

std::string Frame(char type, char flags, uint32_t stream, const std::string& payload) {
  const auto size = static_cast<uint32_t>(payload.size());
  std::string frame;
  for (const int shift : {16, 8, 0}) frame += static_cast<char>(size >> shift);
  frame += type;
  frame += flags;
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
  return frame + payload;
}

// HTTP/2 by hand: a request whose answer the client need not read.
std::string ListRequest(uint32_t stream) {
  std::string headers;
  for (const auto& [name, value] :
       {std::pair(":method", "POST"), std::pair(":scheme", "http"),
        std::pair(":path", "/capmon.v1.Capmon/ListContainers"), std::pair(":authority", "x"),
        std::pair("te", "trailers"), std::pair("content-type", "application/grpc")}) {
    headers += '\0';
    for (const std::string& text : {std::string(name), std::string(value)})
      headers += static_cast<char>(text.size()) + text;
  }
  return Frame(1, 4, stream, headers) + Frame(0, 1, stream, std::string(5, '\0'));
}

void Write(const UniqueFd& socket, const std::string& bytes) {
  (void)::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

class AccessFloodTest : public ::testing::Test {
 protected:
  void SetUp() override {
    rlimit descriptors = {};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &descriptors), 0);
    descriptors.rlim_cur = descriptors.rlim_max;
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &descriptors), 0);
    if (descriptors.rlim_max < 2 * kHalfOpen + 1000)
      GTEST_SKIP() << "needs " << 2 * kHalfOpen + 1000 << " descriptors";
    const Outcome made =
        RunProgram({CAPMON_SOURCE_DIR "/tests/support/api_certificates.sh", directory_.path()});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    ASSERT_TRUE(WriteFile(directory_ / "recording", SampleRecording()));
    port_ = FreePort();
    auto daemon = CapmonDaemon::Start(
        directory_.path(),
        {"--replay", directory_ / "recording", "--listen", "127.0.0.1:" + std::to_string(port_),
         "--tls-cert", directory_ / "server.pem", "--tls-key", directory_ / "server.key",
         "--tls-client-ca", directory_ / "ca.pem", "--requests-per-second", "100000"});
    ASSERT_TRUE(daemon.ok()) << daemon.status();
    daemon_.emplace(*std::move(daemon));
    ::chmod(directory_.path().c_str(), 0755);
    ::chmod((directory_ / "capmon.sock").c_str(), 0666);
  }

  std::string socket() const { return directory_ / "capmon.sock"; }
  // As another user where possible: then the limits of one caller are those of the hostile one.
  UniqueFd Connect() {
    const int connected = ::geteuid() == 0 ? ConnectAs({kMallory, kMallory}, socket())
                                           : ConnectAs({::geteuid(), ::getegid()}, socket());
    return UniqueFd(connected);
  }
  UniqueFd Connect(bool tcp) { return tcp ? ConnectByTcp(port_) : Connect(); }

  void ExpectAnswers(const std::string& when) {
    const Outcome local = daemon_->Capmon({"list"});
    EXPECT_EQ(local.exit_code, 0) << when << ": " << local.err;
    const Outcome remote =
        RunProgram({CapmonBinary(), "--address", "127.0.0.1:" + std::to_string(port_), "--tls-ca",
                    directory_ / "ca.pem", "--tls-cert", directory_ / "viewer.pem", "--tls-key",
                    directory_ / "viewer.key", "list"});
    EXPECT_EQ(remote.exit_code, 0) << when << ": " << remote.err;
  }

  void HalfOpen(bool tcp) {
    std::vector<UniqueFd> connections;
    const std::string beginning = tcp ? "\x16" : kPreface.substr(0, 10);
    for (int i = 0; i < kHalfOpen; ++i) {
      connections.push_back(Connect(tcp));
      ASSERT_TRUE(connections.back()) << i << ": " << std::strerror(errno);
      if (i % 2 == 0) Write(connections.back(), beginning);
      if (i == kHalfOpen / 2) ExpectAnswers("while half are open");
    }
    ExpectAnswers("while all are open");
  }

  void Garbage(bool tcp) {
    const std::string beginnings[] = {"GET / HTTP/1.1\r\n\r\n",
                                      std::string(4096, '\0'),
                                      std::string(4096, '\xff'),
                                      kPreface + std::string(4096, '\xff'),
                                      kPreface + Frame(1, 4, 1, std::string(2000, '\x3f')),
                                      "\x16\x03\x01\x02" + std::string(4096, 'x')};
    std::vector<UniqueFd> connections;
    for (int i = 0; i < 300; ++i)
      for (const std::string& beginning : beginnings) {
        connections.push_back(Connect(tcp));
        ASSERT_TRUE(connections.back());
        Write(connections.back(), beginning);
        if (connections.size() > 200) connections.clear();
      }
    ExpectAnswers("after garbage");
  }

  // Requests without an end, whose answers stay in the socket.
  void SlowReaders() {
    std::string requests = kPreface + Frame(4, 0, 0, "");
    for (uint32_t stream = 1; stream < 400; stream += 2) requests += ListRequest(stream);
    std::vector<UniqueFd> connections;
    for (int i = 0; i < 60; ++i) {
      connections.push_back(Connect(/*tcp=*/false));
      Write(connections.back(), requests);
    }
    for (int i = 0; i < 5; ++i) ExpectAnswers("beside readers that do not read");
  }

  TempDir directory_;
  int port_ = 0;
  std::optional<CapmonDaemon> daemon_;
};

TEST_F(AccessFloodTest, OthersAreAnswered) {
  for (int i = 0; i < 20; ++i) ExpectAnswers("before");
  for (const bool tcp : {false, true}) {
    HalfOpen(tcp);
    Garbage(tcp);
  }
  SlowReaders();
  ExpectAnswers("afterwards");
  const std::string status = daemon_->Capmon({"status"}).out;
  EXPECT_THAT(status, HasSubstr("api_closed_silent"));
  EXPECT_THAT(status, HasSubstr("api_closed_garbage"));
}

}  // namespace
}  // namespace capmon
