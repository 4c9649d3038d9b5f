// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// The one function of Multicall3 that the official facilitator calls, to find out why a payment would fail. Without it
/// at its canonical address every refusal is named "simulation failed".
contract Multicall {
    struct Call {
        address target;
        bytes callData;
    }

    struct Result {
        bool success;
        bytes returnData;
    }

    function tryAggregate(bool requireSuccess, Call[] calldata calls) external payable returns (Result[] memory results) {
        results = new Result[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            (results[i].success, results[i].returnData) = calls[i].target.call(calls[i].callData);
            require(results[i].success || !requireSuccess, "Multicall3: call failed");
        }
    }
}
