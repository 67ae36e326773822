// SPDX-License-Identifier: Apache-2.0
// The Unix socket: which user may make which call, and what the log says of changes.
#include <gmock/gmock.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>

#include "daemon/api/acceptor.h"
#include "daemon/api/roles.h"
#include "generated/build_paths.h"
#include "tests/api/any_call.h"
#include "tests/api/live_server.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr uid_t kAlice = 65501, kBob = 65502, kCarol = 65503;
constexpr gid_t kAdmins = 65511, kReaders = 65512;

class AccessTest : public ::testing::Test {
 protected:
  AccessTest() {
    live_.AddContainer(10, 'a', "web");
    ::chmod(live_.directory_.path().c_str(), 0755);
  }

  void Start(Access access, mode_t mode = 0666, CallLimits calls = {},
             ConnectionLimits connections = {}) {
    Server::Options options;
    options.address = "unix://" + socket_;
    options.mode = mode;
    options.access = std::move(access);
    options.calls = calls;
    options.connections = connections;
    ServiceContext served = live_.served();
    served.log = [this](const std::string& line) {
      log_.With([&](std::vector<std::string>& lines) { lines.push_back(line); });
    };
    auto made = Server::Start(options, served);
    ASSERT_TRUE(made.ok()) << made.status();
    server_ = *std::move(made);
  }

  std::vector<std::string> log() {
    return log_.With([](const std::vector<std::string>& lines) { return lines; });
  }
  uint64_t Counter(const std::string& name) {
    const auto stub = v1::Capmon::NewStub(ChannelAs({::geteuid(), ::getegid()}, socket_));
    grpc::ClientContext call;
    v1::Status status;
    EXPECT_TRUE(stub->GetStatus(&call, {}, &status).ok());
    return status.counters().contains(name) ? status.counters().at(name) : 0;
  }

  // Every call of this user, against the table.
  void ExpectCallsOf(const User& user, Role role) {
    const auto channel = ChannelAs(user, socket_);
    for (const std::string& call : AllCalls()) {
      SCOPED_TRACE(call + " by " + std::to_string(user.uid));
      const CallRule* const rule = FindCallRule(call);
      ASSERT_NE(rule, nullptr);
      const grpc::Status status = MakeCall(channel, call);
      const bool refused = status.error_code() == grpc::StatusCode::PERMISSION_DENIED;
      EXPECT_EQ(refused, role < rule->needs) << status.error_message();
      EXPECT_NE(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
      EXPECT_NE(status.error_code(), grpc::StatusCode::UNIMPLEMENTED) << status.error_message();
    }
  }

  LiveServer live_;
  const std::string socket_ = live_.directory_ / "access.sock";
  Synchronized<std::vector<std::string>> log_;
  std::unique_ptr<Server> server_;
};

TEST(Roles, EveryCallHasOne) {
  std::vector<std::string> missing, gone;
  const std::vector<std::string> calls = AllCalls();
  for (const std::string& call : calls)
    if (FindCallRule(call) == nullptr) missing.push_back(call);
  for (const CallRule& rule : CallRules())
    if (std::ranges::find(calls, rule.call) == calls.end()) gone.emplace_back(rule.call);
  EXPECT_THAT(missing, IsEmpty());
  EXPECT_THAT(gone, IsEmpty());
}

TEST(Roles, OnlyCallsThatChangeNothingAreForViewers) {
  for (const CallRule& rule : CallRules())
    EXPECT_EQ(rule.needs == Role::kViewer,
              rule.call.starts_with("List") || rule.call.starts_with("Get") ||
                  rule.call.starts_with("Watch") || rule.call == "Explain")
        << rule.call;
}

TEST(Roles, NamesAreResolvedOnce) {
  const auto members = MembersNamed({"root", "1234", "group:root", "group:77"}, "--operators");
  ASSERT_TRUE(members.ok()) << members.status();
  EXPECT_THAT(members->users, ElementsAre(0, 1234));
  EXPECT_THAT(members->groups, ElementsAre(0, 77));
  const auto refusal = [](const std::string& name) {
    return std::string(MembersNamed({name}, "--operators").status().message());
  };
  EXPECT_THAT(refusal("no-such-user"), HasSubstr("there is no user \"no-such-user\""));
  EXPECT_THAT(refusal("group:no-such-group"), HasSubstr("there is no group \"no-such-group\""));
  EXPECT_THAT(refusal(""), HasSubstr("there is no user"));
  EXPECT_THAT(refusal("65534"), HasSubstr("other user namespaces"));
  EXPECT_THAT(refusal("4294967295"), HasSubstr("other user namespaces"));
}

TEST(Roles, RootAndTheDaemonsOwnUserAreOperators) {
  Access access;
  access.own = kAlice;
  EXPECT_EQ(RoleOf(access, 0, {}), Role::kOperator);
  EXPECT_EQ(RoleOf(access, kAlice, {}), Role::kOperator);
  EXPECT_EQ(RoleOf(access, kBob, {0}), Role::kViewer) << "root's group is not root";
  access.operators.groups = {kAdmins};
  access.viewers = Members{{kCarol}, {}};
  EXPECT_EQ(RoleOf(access, kBob, {1, kAdmins}), Role::kOperator);
  EXPECT_EQ(RoleOf(access, kBob, {1}), Role::kNone);
  EXPECT_EQ(RoleOf(access, kCarol, {}), Role::kViewer);
}

TEST(Openings, AreJudgedByTheirFirstBytes) {
  const std::string preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  for (size_t i = 0; i < preface.size(); ++i)
    EXPECT_EQ(JudgeOpening(Protocol::kHttp2, preface.substr(0, i)), Opening::kUndecided) << i;
  EXPECT_EQ(JudgeOpening(Protocol::kHttp2, preface), Opening::kSpeaks);
  EXPECT_EQ(JudgeOpening(Protocol::kHttp2, "GET / HTTP/1.1\r\n"), Opening::kGarbage);
  EXPECT_EQ(JudgeOpening(Protocol::kTls, "\x16\x03\x01"), Opening::kSpeaks);
  EXPECT_EQ(JudgeOpening(Protocol::kTls, "\x16"), Opening::kUndecided);
  EXPECT_EQ(JudgeOpening(Protocol::kTls, preface), Opening::kGarbage);
}

TEST_F(AccessTest, TheOwnUserMayMakeEveryCall) {
  Start({});
  ExpectCallsOf({::geteuid(), ::getegid()}, Role::kOperator);
}

TEST_F(AccessTest, EveryCallOfEveryUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to be another user";
  Access access;
  access.operators = {{kAlice}, {kAdmins}};
  Start(access);
  ExpectCallsOf({0, 0}, Role::kOperator);
  ExpectCallsOf({kAlice, 1}, Role::kOperator);
  ExpectCallsOf({kBob, kAdmins}, Role::kOperator);
  ExpectCallsOf({kBob, 1, {2, kAdmins}}, Role::kOperator);
  ExpectCallsOf({kBob, 1, {2}}, Role::kViewer);
  ExpectCallsOf({65534, 65534}, Role::kViewer);
  EXPECT_GT(Counter("api_refused_role"), 0u);
  server_.reset();
  access.viewers = Members{{}, {kReaders}};
  Start(access);
  ExpectCallsOf({kBob, 1, {kReaders}}, Role::kViewer);
  ExpectCallsOf({kBob, 1, {2}}, Role::kNone);
  ExpectCallsOf({kAlice, 1}, Role::kOperator);
}

TEST_F(AccessTest, TheModeDecidesWhoConnectsAtAll) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to be another user";
  Start({}, 0660);
  EXPECT_EQ(ConnectAs({kBob, kReaders}, socket_), -EACCES);
  ASSERT_EQ(::chown(socket_.c_str(), 0, kReaders), 0);
  ExpectCallsOf({kBob, kReaders}, Role::kViewer);
}

TEST_F(AccessTest, ARefusalIsOneSentenceAndLogged) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to be another user";
  Start({});
  const grpc::Status refused = MakeCall(ChannelAs({kBob, 1}, socket_), "ResetProfile");
  EXPECT_EQ(refused.error_message(),
            "uid 65502 may only read from capmond, and ResetProfile is for operators; run this as "
            "root, or add the caller to capmond's --operators");
  EXPECT_THAT(log(), ElementsAre("refused: ResetProfile by uid 65502, process " +
                                 std::to_string(::getpid()) + ", viewer"));
}

TEST_F(AccessTest, EveryChangeIsLoggedWithWhatWasThere) {
  Start({});
  live_.AddChecks(10, 13, true);
  const auto stub = v1::Capmon::NewStub(ChannelAs({::geteuid(), ::getegid()}, socket_));
  const auto ok = [](const grpc::Status& status) {
    EXPECT_TRUE(status.ok()) << status.error_message();
  };
  const auto call = [] { return std::make_unique<grpc::ClientContext>(); };
  v1::SetBaselineRequest baseline;
  v1::SetBaselineResponse set;
  baseline.set_container("web");
  ok(stub->SetBaseline(call().get(), baseline, &set));
  ok(stub->SetBaseline(call().get(), baseline, &set));
  v1::ApproveWorkloadRequest approve;
  v1::Baseline approved;
  approve.set_workload("docker:web");
  ok(stub->ApproveWorkload(call().get(), approve, &approved));
  v1::ResetBaselineRequest withdraw;
  withdraw.set_workload("docker:web");
  ok(stub->ResetBaseline(call().get(), withdraw, &approved));
  v1::RecordProofsRequest proofs;
  v1::RecordProofsResponse recorded;
  proofs.set_container("docker:web");
  proofs.set_digest("sha256:" + std::string(64, 'e'));
  proofs.add_keep("CAP_NET_RAW");
  auto& proof = *proofs.add_proofs();
  proof.set_capability("CAP_NET_RAW");
  proof.set_finding("needed");
  ok(stub->RecordProofs(call().get(), proofs, &recorded));
  v1::ResetProfileRequest reset;
  v1::ResetProfileResponse deleted;
  reset.set_container("web");
  ok(stub->ResetProfile(call().get(), reset, &deleted));
  v1::TestSinkRequest test;
  v1::TestSinkResponse tested;
  test.set_name("a\nb");
  EXPECT_FALSE(stub->TestSink(call().get(), test, &tested).ok());

  const std::string by =
      " (uid " + std::to_string(::geteuid()) + "), process " + std::to_string(::getpid());
  EXPECT_THAT(
      log(),
      ElementsAre(
          AllOf(HasSubstr("baseline set of web by "), HasSubstr(by + "; before: none")),
          AllOf(HasSubstr("baseline set of web by "), HasSubstr(by + "; before: set at 20")),
          AllOf(HasSubstr("approved: docker:web by "), HasSubstr(by + "; before: not approved")),
          AllOf(HasSubstr("approval withdrawn of docker:web by "),
                HasSubstr(by + "; before: approved by ")),
          AllOf(HasSubstr("1 proof recorded for docker:web by "),
                HasSubstr(by + "; before: CAP_NET_RAW none")),
          AllOf(HasSubstr("reset of web by "),
                HasSubstr(by + "; before: 1 kinds of checks, 0 imported instances, 1 proofs")),
          HasSubstr("test alert to a\\nb by ")));
}

TEST_F(AccessTest, OneCallerCannotTakeAllCallsAtOnce) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to be another user";
  CallLimits limits;
  limits.streams_of_viewer = 2;
  Start({}, 0666, limits);
  const auto channel = ChannelAs({kBob, 1}, socket_);
  const auto stub = v1::Capmon::NewStub(channel);
  std::vector<std::unique_ptr<grpc::ClientContext>> calls;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::Event>>> streams;
  for (int i = 0; i < 3; ++i) {
    calls.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(stub->WatchEvents(calls.back().get(), v1::WatchEventsRequest()));
    streams.back()->WaitForInitialMetadata();
  }
  const grpc::Status third = streams.back()->Finish();
  EXPECT_EQ(third.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << third.error_message();
  EXPECT_THAT(third.error_message(), HasSubstr("too many requests of uid 65502 run at once"));
  EXPECT_EQ(Counter("api_refused_calls"), 1u);
  EXPECT_NE(MakeCall(ChannelAs({kCarol, 1}, socket_), "GetStatus").error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  for (const auto& call : calls) call->TryCancel();
}

// Of what capmond sends first, its settings, this client reads nothing.
TEST_F(AccessTest, AClientThatDoesNotReadIsClosed) {
  ConnectionLimits connections;
  connections.stuck = std::chrono::milliseconds(300);
  Start({}, 0666, {}, connections);
  const UniqueFd client(ConnectAs({::geteuid(), ::getegid()}, socket_));
  ASSERT_TRUE(client);
  const std::string preface("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
  ASSERT_EQ(::send(client.get(), preface.data(), preface.size(), MSG_NOSIGNAL), 33);
  EXPECT_TRUE(Eventually([&] { return Counter("api_closed_slow") == 1; }));
  pollfd gone = {client.get(), POLLRDHUP, 0};
  EXPECT_EQ(::poll(&gone, 1, 10'000), 1);
}

// By whatever path it reaches the socket, and whatever user it is in there.
TEST_F(AccessTest, RootOfAnotherUserNamespaceIsNoOperator) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root to be another user";
  Start({});
  const std::string capmon = live_.directory_ / "capmon", mounted = live_.directory_ / "mounted";
  std::filesystem::copy_file(CAPMON_BINARY_DIR "/bin/capmon", capmon);
  ASSERT_TRUE(WriteFile(mounted, ""));
  const auto as_its_root = [&](const std::string& command) {
    return RunProgram({"setpriv", "--reuid=65502", "--regid=65502", "--clear-groups", "unshare",
                       "--user", "--map-root-user", "--mount", "sh", "-c", command});
  };
  if (as_its_root("true").exit_code != 0) GTEST_SKIP() << "users may make no namespaces here";
  const Outcome refused =
      as_its_root("id -u; mount --bind " + socket_ + " " + mounted + " && exec " + capmon +
                  " --address unix://" + mounted + " reset web");
  EXPECT_EQ(refused.out, "0\n");
  EXPECT_EQ(refused.exit_code, 6) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("uid 65502 may only read from capmond"));
}

// A restart leaves nobody in who was not.
TEST_F(AccessTest, TheModeIsTheSameAfterARestart) {
  for (int i = 0; i < 2; ++i) {
    Start({}, 0660);
    struct stat found = {};
    ASSERT_EQ(::stat(socket_.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 07777, 0660u);
    if (::geteuid() == 0) {
      EXPECT_EQ(ConnectAs({kBob, kReaders}, socket_), -EACCES);
    }
    server_.reset();
  }
}

}  // namespace
}  // namespace capmon
