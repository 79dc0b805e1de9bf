#include "messages/caf/protobuf_message.hpp"

#include "messages/event.pb.h"
#include "messages/plan.pb.h"
#include "messages/record.pb.h"

#include <caf/actor_system_config.hpp>

namespace forestage::messages {

void add_message_types(caf::actor_system_config& config) {
  config.add_message_type<protobuf_message<v1::EventBatch>>("forestage.v1.EventBatch");
  config.add_message_type<protobuf_message<v1::PriceRequest>>("forestage.v1.PriceRequest");
  config.add_message_type<protobuf_message<v1::BenefitHistogram>>("forestage.v1.BenefitHistogram");
  config.add_message_type<protobuf_message<v1::RegionPrices>>("forestage.v1.RegionPrices");
  config.add_message_type<protobuf_message<v1::Curve>>("forestage.v1.Curve");
  config.add_message_type<protobuf_message<v1::Plan>>("forestage.v1.Plan");
}

} // namespace forestage::messages
