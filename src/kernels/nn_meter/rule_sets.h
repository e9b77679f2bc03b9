#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/rules.h"

namespace foretime::nn_meter {

/// nn-Meter's names of the devices whose rule sets are built in.
std::vector<std::string> devices();

/// The detector's rules for a device: what the device fuses (rules/nn-meter/DEVICE.rules), then the types and
/// blocks that nn-Meter knows for all (common.rules). Error: no device of that name.
RuleSet rules_for(std::string_view device);

/// The same from a fusion_rules.json as nn-Meter's builder writes it: pairs and chains that are obeyed, and
/// whether a node with several consumers fuses. Error, with where = "origin" or "origin: RULE": the text is
/// no such file.
RuleSet rules_of_json(std::string_view text, const std::string& origin);

/// What a fusion_rules.json says, without the rules that hold for all devices.
RuleSet device_rules_of_json(std::string_view text, const std::string& origin);

}  // namespace foretime::nn_meter
