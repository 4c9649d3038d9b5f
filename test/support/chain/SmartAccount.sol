// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// A contract account with one owner, as small as one can be (ERC-1271). Deployed, its signature is the owner's wrapped
/// in a label of any length, as modular accounts wrap theirs. As the code of a plain account (EIP-7702) it has no owner
/// but the account itself, which signs as it always did.
contract SmartAccount {
    address private immutable OWNER;

    constructor(address owner) {
        OWNER = owner;
    }

    receive() external payable {}

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (OWNER == address(0)) return _judge(hash, signature, address(this));
        (, bytes memory inner) = abi.decode(signature, (string, bytes));
        return _judge(hash, inner, OWNER);
    }

    function _judge(bytes32 hash, bytes memory signature, address signer) private pure returns (bytes4) {
        (address recovered, ECDSA.RecoverError error,) = ECDSA.tryRecover(hash, signature);
        return error == ECDSA.RecoverError.NoError && recovered == signer ? bytes4(0x1626ba7e) : bytes4(0xffffffff);
    }
}

/// Deploys accounts to addresses that are known before (ERC-6492's factory).
contract SmartAccountFactory {
    function create(address owner) external returns (address) {
        return address(new SmartAccount{salt: 0}(owner));
    }

    function addressOf(address owner) external view returns (address) {
        bytes32 code = keccak256(abi.encodePacked(type(SmartAccount).creationCode, abi.encode(owner)));
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), address(this), bytes32(0), code)))));
    }
}
