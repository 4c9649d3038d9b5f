// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// A token that can be moved by its owner or by whom its owner approved in a transaction, and in no other way: it has neither EIP-3009 nor
/// EIP-2612, so that Permit2 is all there is. Anyone may mint it.
contract PlainToken is ERC20 {
    constructor() ERC20("Plain Dollar", "PLN") {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    // Constants, not storage: this code also runs at an address where no constructor wrote any storage.

    function name() public pure override returns (string memory) {
        return "Plain Dollar";
    }

    function symbol() public pure override returns (string memory) {
        return "PLN";
    }

    function decimals() public pure override returns (uint8) {
        return 6;
    }
}
