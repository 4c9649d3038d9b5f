// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// What the proxies call on Permit2. Source: Permit2, `ISignatureTransfer`.
interface ISignatureTransfer {
    struct TokenPermissions {
        address token;
        uint256 amount;
    }

    struct PermitTransferFrom {
        TokenPermissions permitted;
        uint256 nonce;
        uint256 deadline;
    }

    struct SignatureTransferDetails {
        address to;
        uint256 requestedAmount;
    }

    function permitWitnessTransferFrom(PermitTransferFrom calldata permit, SignatureTransferDetails calldata details, address owner, bytes32 witness, string calldata witnessTypeString, bytes calldata signature) external;
}

interface IPermit {
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;
}

/// What both proxies have in common, written anew from the interface that the official facilitator (2.27) calls; errors by the names that the official
/// facilitator looks for.
abstract contract X402Proxy {
    struct EIP2612Permit {
        uint256 value;
        uint256 deadline;
        bytes32 r;
        bytes32 s;
        uint8 v;
    }

    event Settled();
    event SettledWithPermit();

    error AmountExceedsPermitted();
    error InvalidDestination();
    error InvalidOwner();
    error PaymentTooEarly();
    error Permit2612AmountMismatch();
    error UnauthorizedFacilitator();

    ISignatureTransfer public constant PERMIT2 = ISignatureTransfer(0x000000000022D473030F116dDEE9F6B43aC78BA3);

    /// A permit that fails may have been used by somebody else before: then the allowance is there, and Permit2 finds it.
    function _allow(EIP2612Permit calldata permit2612, ISignatureTransfer.PermitTransferFrom calldata permit, address owner) internal {
        if (permit2612.value != permit.permitted.amount) revert Permit2612AmountMismatch();
        try IPermit(permit.permitted.token).permit(owner, address(PERMIT2), permit2612.value, permit2612.deadline, permit2612.v, permit2612.r, permit2612.s) {} catch {}
    }

    function _check(address owner, address to, uint256 validAfter) internal view {
        if (owner == address(0)) revert InvalidOwner();
        if (to == address(0)) revert InvalidDestination();
        if (block.timestamp < validAfter) revert PaymentTooEarly();
    }
}

contract X402ExactProxy is X402Proxy {
    struct Witness {
        address to;
        uint256 validAfter;
    }

    string public constant WITNESS_TYPE_STRING = "Witness witness)TokenPermissions(address token,uint256 amount)Witness(address to,uint256 validAfter)";
    bytes32 public constant WITNESS_TYPEHASH = keccak256("Witness(address to,uint256 validAfter)");

    function settle(ISignatureTransfer.PermitTransferFrom calldata permit, address owner, Witness calldata witness, bytes calldata signature) external {
        _settle(permit, owner, witness, signature);
        emit Settled();
    }

    function settleWithPermit(EIP2612Permit calldata permit2612, ISignatureTransfer.PermitTransferFrom calldata permit, address owner, Witness calldata witness, bytes calldata signature) external {
        _allow(permit2612, permit, owner);
        _settle(permit, owner, witness, signature);
        emit SettledWithPermit();
    }

    function _settle(ISignatureTransfer.PermitTransferFrom calldata permit, address owner, Witness calldata witness, bytes calldata signature) private {
        _check(owner, witness.to, witness.validAfter);
        bytes32 hash = keccak256(abi.encode(WITNESS_TYPEHASH, witness.to, witness.validAfter));
        PERMIT2.permitWitnessTransferFrom(permit, ISignatureTransfer.SignatureTransferDetails(witness.to, permit.permitted.amount), owner, hash, WITNESS_TYPE_STRING, signature);
    }
}

contract X402UptoProxy is X402Proxy {
    struct Witness {
        address to;
        address facilitator;
        uint256 validAfter;
    }

    string public constant WITNESS_TYPE_STRING = "Witness witness)TokenPermissions(address token,uint256 amount)Witness(address to,address facilitator,uint256 validAfter)";
    bytes32 public constant WITNESS_TYPEHASH = keccak256("Witness(address to,address facilitator,uint256 validAfter)");

    function settle(ISignatureTransfer.PermitTransferFrom calldata permit, uint256 amount, address owner, Witness calldata witness, bytes calldata signature) external {
        _settle(permit, amount, owner, witness, signature);
        emit Settled();
    }

    function settleWithPermit(EIP2612Permit calldata permit2612, ISignatureTransfer.PermitTransferFrom calldata permit, uint256 amount, address owner, Witness calldata witness, bytes calldata signature) external {
        _allow(permit2612, permit, owner);
        _settle(permit, amount, owner, witness, signature);
        emit SettledWithPermit();
    }

    function _settle(ISignatureTransfer.PermitTransferFrom calldata permit, uint256 amount, address owner, Witness calldata witness, bytes calldata signature) private {
        _check(owner, witness.to, witness.validAfter);
        if (msg.sender != witness.facilitator) revert UnauthorizedFacilitator();
        if (amount > permit.permitted.amount) revert AmountExceedsPermitted();
        bytes32 hash = keccak256(abi.encode(WITNESS_TYPEHASH, witness.to, witness.facilitator, witness.validAfter));
        PERMIT2.permitWitnessTransferFrom(permit, ISignatureTransfer.SignatureTransferDetails(witness.to, amount), owner, hash, WITNESS_TYPE_STRING, signature);
    }
}
