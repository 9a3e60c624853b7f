/** The part of an application that still says `require`. */
const { TokenBucket } = require('vespera-security');

exports.TokenBucket = TokenBucket;
exports.errors = require('vespera-security/errors');
exports.take = (bucket) => TokenBucket.prototype.consumeTokens.call(bucket);
