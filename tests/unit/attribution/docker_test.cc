// SPDX-License-Identifier: Apache-2.0
// Against a real Unix socket whose server answers well, badly, or not at all. No test asserts how
// long anything takes; a wait ends with the answer, or fails after a minute.
#include "daemon/attribution/docker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/unix_server.h"

namespace capmon {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

const std::string kId = "4f66ad9a0b2e5f2c1d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8";
const std::string kOther = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

std::string Http(int code, const std::string& body) {
  return "HTTP/1.1 " + std::to_string(code) +
         " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" +
         body;
}

std::string Inspect(const std::string& id, const std::string& name) {
  return Http(200, "{\"Id\":\"" + id + "\",\"Name\":\"/" + name +
                       "\",\"HostConfig\":{\"Privileged\":true}}");
}

class DockerTest : public ::testing::Test {
 protected:
  DockerTest() {
    char pattern[] = "/tmp/capmon-dockerXXXXXX";  // a socket's path must be short
    directory_ = ::mkdtemp(pattern);
    socket_ = directory_ + "/docker.sock";
    limits_.patience = 300ms;
    patience_ = {.retry = 20ms, .eager_retry = 1ms, .not_yet = 1ms};
  }
  ~DockerTest() override { std::filesystem::remove_all(directory_); }

  Lookup Docker() { return Lookup(std::make_unique<DockerSource>(socket_, limits_), patience_); }

  // The next descriptions, or none when a minute brings none.
  static std::vector<ContainerDescribed> Next(Lookup& names) {
    pollfd ready{names.fd(), POLLIN, 0};
    if (::poll(&ready, 1, 60'000) != 1) return {};
    return names.Drain();
  }
  // Waits for a state; the last one seen comes back.
  static Lookup::State Until(const Lookup& names, const std::string& state) {
    const auto patience = std::chrono::steady_clock::now() + 1min;
    while (names.state().state != state && std::chrono::steady_clock::now() < patience)
      std::this_thread::sleep_for(5ms);
    return names.state();
  }
  static void UntilTrue(const std::function<bool()>& condition) {
    const auto patience = std::chrono::steady_clock::now() + 1min;
    while (!condition() && std::chrono::steady_clock::now() < patience)
      std::this_thread::sleep_for(5ms);
    ASSERT_TRUE(condition());
  }

  std::string directory_;
  std::string socket_;
  HttpLimits limits_;
  Lookup::Patience patience_;
};

TEST_F(DockerTest, ListsThenLooksCloserAtWhatRuns) {
  UnixServer server(socket_, [](const std::string& target) {
    if (target == "/containers/json?all=1")
      return Http(200, "[{\"Id\":\"" + kId +
                           "\",\"Names\":[\"/web\"],\"State\":\"running\"},"
                           "{\"Id\":\"" +
                           kOther + "\",\"Names\":[\"/old\"],\"State\":\"exited\"}]");
    if (target == "/containers/" + kId + "/json") return Inspect(kId, "web");
    return Http(200, "OK");
  });
  Lookup names = Docker();
  std::vector<ContainerDescribed> all;
  while (all.size() < 3) {
    const auto more = Next(names);
    ASSERT_FALSE(more.empty());
    all.insert(all.end(), more.begin(), more.end());
  }
  EXPECT_EQ(all[0].name, "old");  // oldest first
  EXPECT_EQ(all[1].name, "web");
  EXPECT_FALSE(all[1].privileged);
  EXPECT_EQ(all[2].name, "web");
  EXPECT_TRUE(all[2].privileged);
  EXPECT_GT(all[2].time, 0);
  EXPECT_EQ(Until(names, "ok").detail, "");
}

TEST_F(DockerTest, LooksAtTheImageWhereALabelMayBeItsOwn) {
  const std::string image = std::string(64, 'c');
  UnixServer server(socket_, [&](const std::string& target) {
    if (target == "/containers/json?all=1") return Http(200, "[]");
    if (target == "/images/" + image + "/json")
      return Http(200, "{\"Id\":\"x\",\"Config\":{\"Labels\":null}}");
    return Http(200, "{\"Id\":\"" + kId + "\",\"Name\":\"/web\",\"Image\":\"sha256:" + image +
                         "\",\"Config\":{\"Labels\":{\"capmon.workload\":\"shop\"}}}");
  });
  Lookup names = Docker();
  names.Request({kId, ""});
  const auto described = Next(names);
  ASSERT_EQ(described.size(), 1u);
  EXPECT_EQ(described[0].workload_label, "shop");
  EXPECT_EQ(described[0].image_digest, "sha256:" + image);
}

TEST_F(DockerTest, AnswersWhatIsWanted) {
  UnixServer server(socket_, [](const std::string& target) {
    if (target == "/containers/json?all=1") return Http(200, "[]");
    if (target == "/containers/" + kId + "/json") return Inspect(kId, "web");
    return Http(404, "{\"message\":\"no such container\"}");
  });
  Lookup names = Docker();
  EXPECT_EQ(Until(names, "ok").state, "ok");
  names.Request({kOther, ""});  // not Docker's: nothing comes, and nothing is wrong
  names.Request({kId, ""});
  const auto described = Next(names);
  ASSERT_EQ(described.size(), 1u);
  EXPECT_EQ(described[0].container_id, kId);
  EXPECT_EQ(names.state().state, "ok");
}

TEST_F(DockerTest, OnlyIdsEverReachTheSocket) {
  std::atomic<bool> strange = false;
  UnixServer server(socket_, [&](const std::string& target) {
    if (target == "/containers/json?all=1")
      return Http(200, R"([{"Id":"../../evil","Names":["/x"],"State":"running"}])");
    if (target != "/_ping" && !target.starts_with("/events?") &&
        target != "/containers/" + kId + "/json")
      strange = true;
    return Inspect(kId, "web");
  });
  Lookup names = Docker();
  for (const std::string id : {"", "web", "../x", "4f66ad9a0b2e", " \r\nGET /x"})
    names.Request({id, ""});
  names.Request({std::string(64, 'G'), ""});
  names.Request({kId, ""});
  const auto described = Next(names);
  ASSERT_EQ(described.size(), 1u);
  EXPECT_EQ(described[0].container_id, kId);
  EXPECT_FALSE(strange);
}

TEST_F(DockerTest, EventsReportChanges) {
  const std::string begin = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
  std::atomic<int> looks = 0;
  UnixServer server(socket_, [&](const std::string& target) {
    if (target == "/containers/json?all=1") return Http(200, "[]");
    if (target.starts_with("/events?"))
      return begin +
             "\n{}\n[\n{\"id\":7}\n{\"id\":\"../../evil\"}\n{\"Action\":\"rename\",\"id\":\"" +
             kId + "\"}\n{\"id\":\"" + kOther;  // and cut off
    if (target == "/containers/" + kId + "/json")
      return Inspect(kId, "name" + std::to_string(++looks));
    return Http(target == "/_ping" ? 200 : 500, "");
  });
  Lookup names = Docker();
  std::string last;
  UntilTrue([&] {
    for (const ContainerDescribed& described : names.Drain()) last = described.name;
    return looks >= 2 && last.starts_with("name");  // also after the stream began again
  });
}

TEST_F(DockerTest, AStreamWithoutLinesIsCutOff) {
  UnixServer server(socket_, [](const std::string&) {
    return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(1 << 18, 'x');
  });
  int lines = 0;
  const auto status = StreamOverUnixSocket(socket_, "/events", [&](const auto&) { ++lines; }, {});
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_EQ(lines, 0);
}

TEST_F(DockerTest, WithoutASocketItIsAbsentAndComesWhenTheSocketDoes) {
  Lookup names = Docker();
  names.Request({kId, ""});
  const auto absent = Until(names, "absent");
  EXPECT_EQ(absent.state, "absent");
  UntilTrue([&] { return !names.state().detail.empty(); });
  EXPECT_THAT(names.state().detail, HasSubstr(socket_));
  EXPECT_THAT(names.state().detail, HasSubstr("No such file"));
  EXPECT_TRUE(names.Drain().empty());
  UnixServer server(socket_, [](const std::string& target) {
    return target == "/containers/json?all=1" ? Http(200, "[]") : Inspect(kId, "web");
  });
  const auto described = Next(names);  // requests made meanwhile are kept
  ASSERT_EQ(described.size(), 1u);
  EXPECT_EQ(described[0].name, "web");
  EXPECT_EQ(Until(names, "ok").state, "ok");
}

TEST_F(DockerTest, NoticesThatTheSocketVanished) {
  std::optional<UnixServer> server(std::in_place, socket_,
                                   [](const std::string&) { return Http(200, "[]"); });
  Lookup names = Docker();
  EXPECT_EQ(Until(names, "ok").state, "ok");
  server.reset();
  EXPECT_EQ(Until(names, "absent").state, "absent");
  server.emplace(socket_, [](const std::string&) { return Http(200, "[]"); });
  EXPECT_EQ(Until(names, "ok").state, "ok");
}

TEST_F(DockerTest, ASocketWithoutAListenerIsAbsent) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const UniqueFd deaf(::socket(AF_UNIX, SOCK_STREAM, 0));
  ASSERT_EQ(::bind(deaf.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  Lookup names = Docker();
  UntilTrue([&] { return !names.state().detail.empty(); });
  EXPECT_EQ(names.state().state, "absent");
  EXPECT_THAT(names.state().detail, HasSubstr("refused"));
}

TEST_F(DockerTest, SilenceIsAFailureThatBlocksNothing) {
  UnixServer server(socket_,
                    [](const std::string&) -> std::optional<std::string> { return std::nullopt; });
  Lookup names = Docker();
  for (int i = 0; i < 1000; ++i) names.Request({kId, ""});
  EXPECT_TRUE(names.Drain().empty());
  const auto state = Until(names, "failing");
  EXPECT_EQ(state.state, "failing");
  EXPECT_THAT(state.detail, HasSubstr("no answer in time"));
}

TEST_F(DockerTest, StopsInTheMiddleOfSilence) {
  limits_.patience = std::chrono::hours(1);
  UnixServer server(socket_,
                    [](const std::string&) -> std::optional<std::string> { return std::nullopt; });
  Lookup names = Docker();
  UntilTrue([&] { return server.requests() > 0; });
}  // would not return for an hour

TEST_F(DockerTest, OneContainerThatIsNeverAnsweredForDoesNotStopTheOthers) {
  UnixServer server(socket_, [](const std::string& target) -> std::optional<std::string> {
    if (target == "/containers/" + kOther + "/json") return std::nullopt;
    if (target == "/containers/" + kId + "/json") return Inspect(kId, "web");
    return Http(200, "[]");
  });
  Lookup names = Docker();
  EXPECT_EQ(Until(names, "ok").state, "ok");
  names.Request({kOther, ""});
  names.Request({kId, ""});
  const auto described = Next(names);
  ASSERT_EQ(described.size(), 1u);
  EXPECT_EQ(described[0].name, "web");
  UntilTrue([&] { return names.dropped() == 1; });
  EXPECT_EQ(Until(names, "ok").state, "ok");
}

TEST_F(DockerTest, NonsenseIsAFailure) {
  const std::vector<std::string> answers = {
      "",
      "garbage\r\n\r\n",
      std::string(100'000, '\xff'),
      "HTTP/1.1 200 OK\r\n\r\n",
      Http(200, ""),
      Http(200, "<html></html>"),
      Http(200, "{\"message\":\"x\"}"),
      Http(404, "[]x"),
      Http(500, "[]"),
      Http(301, "[]"),
      "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n[]",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n[]",
  };
  for (const std::string& answer : answers) {
    UnixServer server(socket_, [&](const std::string&) { return answer; });
    Lookup names = Docker();
    EXPECT_EQ(Until(names, "failing").state, "failing") << answer.substr(0, 80);
    EXPECT_TRUE(names.Drain().empty());
  }
}

TEST_F(DockerTest, AContainerUnderAnotherIdIsNonsense) {
  UnixServer server(socket_, [](const std::string& target) {
    return target == "/containers/json?all=1" ? Http(200, "[]") : Inspect(kOther, "web");
  });
  Lookup names = Docker();
  names.Request({kId, ""});
  UntilTrue([&] { return names.dropped() == 1; });  // given up
  EXPECT_TRUE(names.Drain().empty());
}

TEST_F(DockerTest, AnotherEnginesContainersHaveItsSocket) {
  UnixServer server(socket_, [](const std::string& target) {
    return target == "/containers/json?all=1" ? Http(200, "[]") : Inspect(kId, "web");
  });
  Lookup names(std::make_unique<DockerSource>(socket_, limits_, socket_), patience_);
  names.Request({kId, ""});
  const auto described = Next(names);
  ASSERT_EQ(described.size(), 1u);
  EXPECT_EQ(described[0].engine, socket_);
  EXPECT_EQ(described[0].by_user, "");
}

// The kernel says which user listens at the other end.
TEST_F(DockerTest, AnEngineOfAUserSpeaksForTheUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to listen as another user";
  ASSERT_EQ(::chmod(directory_.c_str(), 0777), 0);
  ASSERT_EQ(::syscall(SYS_setresuid, -1, 1000, -1), 0);  // of this thread alone
  UnixServer server(socket_, [](const std::string& target) {
    return target == "/containers/json?all=1" ? Http(200, "[]") : Inspect(kId, "web");
  });
  ASSERT_EQ(::syscall(SYS_setresuid, -1, 0, -1), 0);
  Lookup names(std::make_unique<DockerSource>(socket_, limits_, socket_), patience_);
  names.Request({kId, ""});
  const auto described = Next(names);
  ASSERT_EQ(described.size(), 1u);
  EXPECT_EQ(described[0].by_user, "1000");
  EXPECT_EQ(described[0].engine, "");
}

TEST_F(DockerTest, AListThatIsTooLongIsDoneWithout) {
  limits_.max_bytes = 1000;
  limits_.patience = 10s;
  UnixServer server(socket_, [](const std::string& target) {
    return target == "/containers/json?all=1" ? Http(200, std::string(100'000, ' '))
                                              : Inspect(kId, "web");
  });
  Lookup names = Docker();
  names.Request({kId, ""});
  const auto described = Next(names);
  ASSERT_EQ(described.size(), 1u);
  EXPECT_EQ(described[0].name, "web");
}

TEST_F(DockerTest, ALongAnswerIsCutOff) {
  UnixServer server(socket_,
                    [](const std::string&) { return Http(200, std::string(50'000, '[')); });
  const HttpLimits limits{10s, 10'000};
  const auto answer = AskOverUnixSocket(socket_, {.target = "/x"}, limits, {});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(AskOverUnixSocket(socket_, {.target = "/x"}, {10s, 50'000}, {}).ok());
}

TEST_F(DockerTest, RequestsBeyondTheLimitAreCounted) {
  socket_ = directory_ + "/none";
  patience_.eager_retry = patience_.retry = std::chrono::hours(1);
  Lookup names = Docker();
  const size_t extra = 5;
  for (size_t i = 0; i < Lookup::kMaxWanted + extra; ++i) {
    std::string id = std::to_string(100'000 + i);
    names.Request({std::string(64 - id.size(), 'a') + id, ""});
  }
  EXPECT_EQ(names.dropped(), extra);
}

}  // namespace
}  // namespace capmon
