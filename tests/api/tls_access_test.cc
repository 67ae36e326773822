// SPDX-License-Identifier: Apache-2.0
// TCP: TLS with client certificates, and the roles that they carry. With real certificates.
#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

#include "generated/build_paths.h"
#include "tests/api/any_call.h"
#include "tests/api/live_server.h"
#include "tests/support/child_process.h"
#include "tests/support/eventually.h"

namespace capmon {
namespace {

using ::testing::HasSubstr;

class TlsAccessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const Outcome made =
        RunProgram({CAPMON_SOURCE_DIR "/tests/support/api_certificates.sh", files_.path()});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    live_.AddContainer(10, 'a', "web");
  }

  Server::Options Options() {
    Server::Options options;
    options.address = "unix://" + live_.directory_ / "tls.sock";
    options.listen = "127.0.0.1:0";
    options.tls = {files_ / "server.pem", files_ / "server.key", files_ / "ca.pem", 1};
    return options;
  }
  void Start() {
    ServiceContext served = live_.served();
    served.log = [this](const std::string& line) {
      log_.With([&](std::vector<std::string>& lines) { lines.push_back(line); });
    };
    auto made = Server::Start(Options(), served);
    ASSERT_TRUE(made.ok()) << made.status();
    server_ = *std::move(made);
    ASSERT_GT(server_->tcp_port(), 0);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(server_->tcp_port()); }
  // With the certificate of this name; "" for none.
  std::shared_ptr<grpc::Channel> ChannelWith(const std::string& name,
                                             const std::string& authority = "ca") const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ReadFile(files_ / (authority + ".pem"));
    if (!name.empty()) {
      options.pem_cert_chain = ReadFile(files_ / (name + ".pem"));
      options.pem_private_key = ReadFile(files_ / (name + ".key"));
    }
    return Channel(grpc::SslCredentials(options));
  }
  std::shared_ptr<grpc::Channel> Channel(
      const std::shared_ptr<grpc::ChannelCredentials>& credentials) const {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    return grpc::CreateCustomChannel(address(), credentials, arguments);
  }

  void ExpectCallsOf(const std::shared_ptr<grpc::Channel>& channel, Role role) {
    for (const std::string& call : AllCalls()) {
      SCOPED_TRACE(call);
      const grpc::Status status = MakeCall(channel, call);
      const bool refused = status.error_code() == grpc::StatusCode::PERMISSION_DENIED;
      EXPECT_EQ(refused, role < FindCallRule(call)->needs) << status.error_message();
      EXPECT_NE(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
    }
  }
  // The handshake fails.
  void ExpectNoCallOf(const std::shared_ptr<grpc::Channel>& channel) {
    for (const std::string& call : AllCalls()) {
      const grpc::Status status = MakeCall(channel, call);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE) << status.error_message();
    }
  }
  bool Answers(const std::shared_ptr<grpc::Channel>& channel) {
    return MakeCall(channel, "GetStatus").ok();
  }
  Outcome Capmon(const std::string& name, std::vector<std::string> arguments) {
    std::vector<std::string> line = {CAPMON_BINARY_DIR "/bin/capmon",
                                     "--address",
                                     address(),
                                     "--tls-ca",
                                     files_ / "ca.pem",
                                     "--tls-cert",
                                     files_ / (name + ".pem"),
                                     "--tls-key",
                                     files_ / (name + ".key")};
    line.insert(line.end(), arguments.begin(), arguments.end());
    return RunProgram(line);
  }
  void Replace(const std::string& file, const std::string& by) {
    std::filesystem::copy_file(files_ / by, files_ / "new",
                               std::filesystem::copy_options::overwrite_existing);
    ASSERT_EQ(std::rename((files_ / "new").c_str(), (files_ / file).c_str()), 0);
  }

  TempDir files_;
  LiveServer live_;
  Synchronized<std::vector<std::string>> log_;
  std::unique_ptr<Server> server_;
};

TEST_F(TlsAccessTest, EveryCallOfEveryCertificate) {
  Start();
  ExpectCallsOf(ChannelWith("operator"), Role::kOperator);
  ExpectCallsOf(ChannelWith("viewer"), Role::kViewer);
  ExpectCallsOf(ChannelWith("nobody"), Role::kNone);
  ExpectCallsOf(ChannelWith("both"), Role::kOperator);
  ExpectCallsOf(ChannelWith("capitals"), Role::kNone);
  ExpectCallsOf(ChannelWith("longer"), Role::kNone);
  ExpectNoCallOf(ChannelWith("expired"));
  ExpectNoCallOf(ChannelWith("early"));
  ExpectNoCallOf(ChannelWith("self"));
  ExpectNoCallOf(ChannelWith("stranger"));
  ExpectNoCallOf(ChannelWith(""));
  ExpectNoCallOf(Channel(grpc::InsecureChannelCredentials()));
  ExpectNoCallOf(ChannelWith("operator", "other-ca"));  // the client refuses capmond
  EXPECT_TRUE(Answers(ChannelWith("viewer"))) << "after all of them";
}

TEST_F(TlsAccessTest, NoTlsBefore12) {
  Start();
  const auto handshake = [&](const std::string& version) {
    return RunProgram({"openssl", "s_client", "-connect", address(), version, "-cipher",
                       "DEFAULT:@SECLEVEL=0", "-CAfile", files_ / "ca.pem", "-cert",
                       files_ / "viewer.pem", "-key", files_ / "viewer.key"});
  };
  EXPECT_THAT(handshake("-tls1_2").out, HasSubstr("Verify return code: 0 (ok)"));
  for (const char* const version : {"-tls1_1", "-tls1"}) {
    const Outcome refused = handshake(version);
    EXPECT_NE(refused.exit_code, 0) << version;
    EXPECT_EQ(refused.err.find("no protocols available"), std::string::npos)
        << "the client itself refused: " << refused.err;
  }
}

TEST_F(TlsAccessTest, ALogNamesTheCertificate) {
  Start();
  const auto stub = v1::Capmon::NewStub(ChannelWith("operator"));
  grpc::ClientContext call;
  v1::ApproveWorkloadRequest request;
  v1::Baseline approved;
  request.set_workload("docker:web");
  ASSERT_TRUE(stub->ApproveWorkload(&call, request, &approved).ok());
  EXPECT_EQ(approved.by(), "certificate operator");
  const auto log = log_.With([](const std::vector<std::string>& lines) { return lines; });
  ASSERT_EQ(log.size(), 1u);
  EXPECT_THAT(log[0], HasSubstr("approved: docker:web by certificate operator, ipv4:127.0.0.1:"));
}

TEST_F(TlsAccessTest, CertificatesAreReadAgainWhenTheyChange) {
  Start();
  ASSERT_TRUE(Answers(ChannelWith("operator")));
  ASSERT_FALSE(Answers(ChannelWith("stranger")));
  const auto old = ChannelWith("viewer");
  ASSERT_TRUE(Answers(old));
  const std::string first_authority = ReadFile(files_ / "ca.pem");
  Replace("ca.pem", "other-ca.pem");
  // The client trusts the authority of capmond's certificate still.
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = first_authority;
  options.pem_cert_chain = ReadFile(files_ / "stranger.pem");
  options.pem_private_key = ReadFile(files_ / "stranger.key");
  EXPECT_TRUE(Eventually([&] { return Answers(Channel(grpc::SslCredentials(options))); }));
  options.pem_cert_chain = ReadFile(files_ / "operator.pem");
  options.pem_private_key = ReadFile(files_ / "operator.key");
  EXPECT_FALSE(Answers(Channel(grpc::SslCredentials(options))));
  EXPECT_TRUE(Answers(old)) << "a connection that is open stays";
}

TEST_F(TlsAccessTest, FilesThatDoNotFitAreNotUsedAndLogged) {
  Start();
  const auto logged = [&](const std::string& line) {
    return log_.With([&](const std::vector<std::string>& lines) {
      return std::ranges::any_of(
          lines, [&](const std::string& each) { return each.find(line) != std::string::npos; });
    });
  };
  ASSERT_TRUE(WriteFile(files_ / "garbage", "not a certificate\n"));
  std::filesystem::copy_file(files_ / "ca.pem", files_ / "client-ca.pem");
  for (const char* const file : {"server.pem", "server.key", "ca.pem"}) {
    const std::string before = ReadFile(files_ / file);
    Replace(file, "garbage");
    const std::string why = "capmond cannot use " + (files_ / file);
    EXPECT_TRUE(Eventually([&] {
      return logged("keeps the certificates it has: ") && logged(why);
    })) << file;
    // Longer than gRPC needs to read what it is given.
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(Answers(ChannelWith("viewer", "client-ca"))) << file;
      EXPECT_FALSE(Answers(ChannelWith("stranger", "client-ca"))) << file;
      std::this_thread::sleep_for(std::chrono::seconds(1));
    }
    ASSERT_TRUE(WriteFile(files_ / "kept", before));
    Replace(file, "kept");
  }
}

TEST_F(TlsAccessTest, TheClientWorksByTcp) {
  Start();
  EXPECT_THAT(Capmon("viewer", {"list"}).out, HasSubstr("web"));
  const Outcome refused = Capmon("viewer", {"reset", "web"});
  EXPECT_EQ(refused.exit_code, 6) << refused.err;
  EXPECT_THAT(refused.err, HasSubstr("certificate viewer may only read from capmond"));
  EXPECT_EQ(Capmon("operator", {"reset", "web"}).exit_code, 0);
  const Outcome stranger = Capmon("stranger", {"list"});
  EXPECT_EQ(stranger.exit_code, 3);
  EXPECT_THAT(stranger.err, HasSubstr("check that it listens there, and the certificates"));
  const Outcome bare =
      RunProgram({CAPMON_BINARY_DIR "/bin/capmon", "--address", address(), "list"});
  EXPECT_EQ(bare.exit_code, 2);
  EXPECT_THAT(bare.err, HasSubstr("without TLS: --tls-ca is missing"));
}

TEST_F(TlsAccessTest, FilesThatDoNotFitEndTheStart) {
  const auto refusal = [&](auto change) {
    Server::Options options = Options();
    change(options.tls);
    const absl::Status status = Server::Start(options, live_.served()).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  EXPECT_THAT(refusal([&](TlsFiles& tls) { tls.key = files_ / "viewer.key"; }),
              HasSubstr("viewer.key: it is not the key of "));
  EXPECT_THAT(refusal([&](TlsFiles& tls) { tls.key = files_ / "none"; }),
              HasSubstr("No such file"));
  EXPECT_THAT(refusal([&](TlsFiles& tls) { tls.certificate = files_ / "server.key"; }),
              HasSubstr("it has no certificate in PEM form"));
  EXPECT_THAT(refusal([&](TlsFiles& tls) { tls.client_ca = ""; }), HasSubstr("--tls-client-ca"));
  EXPECT_THAT(refusal([&](TlsFiles& tls) {
                tls.certificate = files_ / "expired.pem";
                tls.key = files_ / "expired.key";
              }),
              HasSubstr("it has expired"));
}

}  // namespace
}  // namespace capmon
