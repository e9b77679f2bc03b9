#include "measure/cpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace foretime {
namespace {

using ::testing::ElementsAre;

constexpr std::string_view kServer = R"(processor	: 0
vendor_id	: AuthenticAMD
cpu family	: 25
model		: 1
model name	: AMD EPYC
stepping	: 1
cpu MHz		: 2445.430
flags		: fpu sse sse2 avx avx2 fma rdtscp

processor	: 1
vendor_id	: AuthenticAMD
cpu family	: 25
model		: 1
model name	: AMD EPYC
stepping	: 1
cpu MHz		: 3100.000
flags		: fpu sse sse2 avx avx2 fma rdtscp
)";

constexpr std::string_view kPhone = R"(processor	: 0
Features	: fp asimd evtstrm
CPU implementer	: 0x41
CPU part	: 0xd05

processor	: 1
Features	: fp asimd evtstrm
CPU implementer	: 0x41
CPU part	: 0xd0b

Hardware	: Board 7
)";

std::string with(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  for (std::size_t at = 0; (at = result.find(from, at)) != std::string::npos; at += to.size()) {
    result.replace(at, from.size(), to);
  }
  return result;
}

std::string signature_of(std::string_view cpuinfo) {
  return cpu_signature(parse_cpuinfo(cpuinfo));
}

TEST(Cpu, ReadsAServer) {
  const CpuDescription cpu = parse_cpuinfo(kServer);
  EXPECT_EQ(cpu.model, "AMD EPYC");
  EXPECT_EQ(cpu.cores, 2);
  EXPECT_EQ(cpu.parts, "cpu family=25, model=1, stepping=1, vendor_id=AuthenticAMD");
  EXPECT_THAT(cpu.instruction_sets, ElementsAre("avx", "avx2", "fma", "sse", "sse2"));
}

TEST(Cpu, ReadsAPhoneWithTwoKindsOfCores) {
  const CpuDescription cpu = parse_cpuinfo(kPhone);
  EXPECT_EQ(cpu.model, "Board 7");
  EXPECT_EQ(cpu.cores, 2);
  EXPECT_EQ(cpu.parts, "CPU implementer=0x41, CPU part=0xd05, CPU part=0xd0b");
  EXPECT_THAT(cpu.instruction_sets, ElementsAre("asimd"));
}

TEST(Cpu, SurvivesAnythingElse) {
  EXPECT_EQ(parse_cpuinfo("").model, "unknown CPU");
  EXPECT_EQ(parse_cpuinfo("no colon\n:\nprocessor:").cores, 1);
}

TEST(Cpu, SignatureIsStableButTellsProcessorsApart) {
  EXPECT_EQ(signature_of(kServer), "AMD EPYC/2/be0199550b7c8440");
  EXPECT_EQ(signature_of(with(kServer, "3100.000", "1200.000")), signature_of(kServer));
  EXPECT_EQ(signature_of(with(kServer, "rdtscp", "rdtscp newmitigation")), signature_of(kServer));
  EXPECT_NE(signature_of(with(kServer, "avx2", "")), signature_of(kServer));
  EXPECT_NE(signature_of(with(kServer, "cpu family	: 25", "cpu family	: 26")),
            signature_of(kServer));
  EXPECT_NE(signature_of(kPhone), signature_of(kServer));
}

TEST(Cpu, DescribesThisMachineTheSameTwice) {
  EXPECT_EQ(describe_cpu(), describe_cpu());
  EXPECT_EQ(cpu_signature(describe_cpu()), cpu_signature(describe_cpu()));
  EXPECT_GE(describe_cpu().cores, 1);
}

}  // namespace
}  // namespace foretime
