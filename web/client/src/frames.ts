// Frames of the protocol (messages/agent.proto): bytes, and the question number that a frame carries.
import { create, fromBinary, fromJsonString, toBinary } from '@bufbuild/protobuf';
import { AgentFrameSchema, ProxyFrameSchema } from './gen/agent_pb.js';
import type { AgentFrame, ProxyFrame } from './gen/agent_pb.js';
import { codeNumber } from './errors.js';

export type AgentSaid = AgentFrame['frame'];
export type ProxySaid = ProxyFrame['frame'];
export type Said<Case> = Extract<ProxySaid, { case: Case }>;

export const agentFrame = (frame: AgentSaid): AgentFrame => create(AgentFrameSchema, { frame });
export const encode = (frame: AgentFrame): Uint8Array => toBinary(AgentFrameSchema, frame);
export const sizeOf = (frame: AgentFrame): number => encode(frame).byteLength;

// undefined: bytes that are no frame. A frame of a kind that is not known here has the case undefined.
export function decode(data: Uint8Array | string): ProxyFrame | undefined {
  try {
    return typeof data === 'string' ? fromJsonString(ProxyFrameSchema, data, { ignoreUnknownFields: true }) : fromBinary(ProxyFrameSchema, data);
  } catch {
    return undefined;
  }
}

// The number that an answer repeats; 0: it answers nothing.
export function answered(frame: ProxyFrame): number {
  switch (frame.frame.case) {
    case 'declared':
    case 'grant':
    case 'accepted':
    case 'messages':
    case 'failure':
      return Number(frame.frame.value.question);
    default:
      return 0;
  }
}

export function setQuestion(frame: AgentFrame, question: number): void {
  switch (frame.frame.case) {
    case 'declare':
    case 'acquire':
    case 'put':
    case 'next':
    case 'done':
    case 'release':
    case 'purge':
      frame.frame.value.question = BigInt(question);
  }
}

export function lostFailure(question: number, retryAfterMs: number): ProxyFrame {
  return create(ProxyFrameSchema, {
    frame: {
      case: 'failure',
      value: {
        $typeName: 'forestage.v1.Failure', question: BigInt(question), code: codeNumber('unavailable'),
        text: 'the connection was lost before an answer came: ask again', retryAfterMs, sequence: 0n,
      },
    },
  });
}
